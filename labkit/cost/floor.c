/* The floor: the calls of the native path without Python around them.
 *
 * Linked against nothing. Whoever loads this hands over the addresses of the runtime's functions, so they are those
 * of the very library that Python uses. Only what is needed of Wasmtime's C API is declared, in its layout.
 */
#define _POSIX_C_SOURCE 199309L

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* As in labkit/cost/floor.py, field by field. */
struct functions {
  void *(*store_new)(void *engine, void *data, void *finalizer);
  void *(*store_context)(void *store);
  void (*store_delete)(void *store);
  void *(*instantiate)(void *prepared, void *context, void *instance, void **trap);
  bool (*export_get)(void *context, void *instance, const char *name, size_t length, void *item);
  void *(*call)(void *context, void *function, void *values, size_t count, void **trap);
  void *(*component_instantiate)(void *linker, void *context, void *component, void *instance);
  bool (*component_get)(void *instance, void *context, void *index, void *function);
  void *(*component_call)(void *function, void *context, const void *arguments, size_t count, void *results,
                          size_t result_count);
};

struct job {
  void *engine;
  /* The prepared instance of a core module, or the linker of a component. */
  void *from;
  /* Of components only. */
  void *component, *index;
  const char *name;
  size_t name_length;
  const uint8_t *given;
  size_t given_bytes, given_count, slot_count;
};

enum { FUNCTION_IN_EXTERN = 8, SLOTS = 64 };

/* Room for any of the API's small structures, aligned as the widest of them. */
typedef union {
  uint8_t bytes[SLOTS];
  uint64_t words[SLOTS / 8];
} place;

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

struct guest {
  const struct functions *f;
  const struct job *job;
  void *store, *context;
  place instance, item, values, result;
};

/* Each of these says whether it worked. A failure is not freed: the caller gives up at once. */
static bool begin(struct guest *g) {
  void *trap = NULL;
  g->store = g->f->store_new(g->job->engine, NULL, NULL);
  g->context = g->f->store_context(g->store);
  if (g->job->component)
    return !g->f->component_instantiate(g->job->from, g->context, g->job->component, &g->instance) &&
           g->f->component_get(&g->instance, g->context, g->job->index, &g->item);
  return !g->f->instantiate(g->job->from, g->context, &g->instance, &trap) && !trap &&
         g->f->export_get(g->context, &g->instance, g->job->name, g->job->name_length, &g->item);
}

static bool call(struct guest *g) {
  void *trap = NULL;
  if (g->job->component)
    return !g->f->component_call(&g->item, g->context, g->job->given, g->job->given_count, &g->result,
                                 g->job->slot_count);
  memcpy(&g->values, g->job->given, g->job->given_bytes);
  return !g->f->call(g->context, g->item.bytes + FUNCTION_IN_EXTERN, &g->values, g->job->slot_count, &trap) && !trap;
}

/* Nanoseconds for so many calls, each in a store of its own; -1 if one fails. */
int64_t labkit_fresh(const struct functions *f, const struct job *job, int64_t calls) {
  struct guest g = {.f = f, .job = job};
  int64_t began = now();
  for (int64_t i = 0; i < calls; i++) {
    if (!begin(&g) || !call(&g))
      return -1;
    f->store_delete(g.store);
  }
  return now() - began;
}

/* Nanoseconds for so many calls of one instance, which is made before and dropped after; -1 if one fails. */
int64_t labkit_live(const struct functions *f, const struct job *job, int64_t calls) {
  struct guest g = {.f = f, .job = job};
  if (!begin(&g) || !call(&g))
    return -1;
  int64_t began = now();
  for (int64_t i = 0; i < calls; i++)
    if (!call(&g))
      return -1;
  int64_t took = now() - began;
  f->store_delete(g.store);
  return took;
}
