"""Makes asynchronous calls under the release that it finds, and prints what came of each as a line of JSON.

The program comes on standard input, in bytes: older releases do not read the text of newer ones.
"""

import asyncio
import json
import sys

from labkit.errors import LabkitError
from labkit.host import Counter, Engine, EngineSettings, Limits, Program, Store


def say(*what):
    sys.stdout.write(json.dumps(what) + "\n")


def say_outcome(name, outcome):
    cause = outcome.cause and [outcome.cause.kind, outcome.cause.step, outcome.cause.scope]
    say(name, outcome.kind, outcome.value or outcome.code or outcome.raised or cause)


async def slow(x):
    if x < 100:
        await asyncio.sleep(0)
    if x >= 90:
        raise OSError("the disk is full")
    return 10 * x


async def never(_x):
    await asyncio.Event().wait()


def imports(slow):
    return dict.fromkeys(("slow", "host#slow"), slow) | dict.fromkeys(("note", "host#note"), lambda _x: None)


async def cancelled(call):
    try:
        await asyncio.wait_for(call, 0.05)
    except TimeoutError:
        return True
    return False


async def story(program):
    settings = EngineSettings(async_support=True)
    with Engine(settings) as engine:
        with Store(engine, Counter(), imports=imports(slow), limits=Limits(seconds=0.1)) as store:
            instance = await store.instantiate_async(program)
            say_outcome("instantiate", instance.outcome)
            for export, *args in (("run", 3), ("crash", 1), ("ask", 95), ("ask", 100), ("spin",), ("deep",)):
                if program.kind == "component" and store.poisoned_by:
                    again = Store(engine, Counter(), imports=imports(slow), limits=Limits(seconds=0.1))
                    instance = await again.instantiate_async(program)
                say_outcome(export, await instance.call_async(export, *args))
            say_outcome("afterwards", await instance.call_async("count"))
            say_outcome("synchronous", instance.call("count"))
            say_outcome("synchronous instance", store.instantiate(program).outcome)
        for export, *args in (("ask", 1), ("spin",)):
            with Store(engine, Counter(), imports=imports(never)) as store:
                instance = await store.instantiate_async(program)
                assert await cancelled(instance.call_async(export, *args))
                say_outcome(f"after cancelling {export}", await instance.call_async("count"))
        assert len(engine.tasks) == 0


async def story_of_lack(program):
    with Engine() as engine, Store(engine, Counter(), imports=imports(slow)) as store:
        for attempt in (store.instantiate_async(program), None):
            try:
                say_outcome("linked", (await attempt if attempt else store.instantiate(program)).outcome)
            except LabkitError as error:
                say(type(error).__name__, str(error))


async def story_of_settings(_program):
    for settings in (
        EngineSettings(epoch_yield=True),
        EngineSettings(fuel_yield=1000),
        EngineSettings(fuel=True, fuel_yield=1000),
        EngineSettings(component_async=True),
    ):
        try:
            Engine(settings).close()
            say("made")
        except LabkitError as error:
            say(type(error).__name__, str(error))


if __name__ == "__main__":
    program = Program.from_bytes("guest", sys.stdin.buffer.read())
    asyncio.run({"story": story, "lack": story_of_lack, "settings": story_of_settings}[sys.argv[1]](program))
