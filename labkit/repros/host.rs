//! A recorded WebAssembly failure, again, in a host of its own.
//!
//! Put this text into `src/main.rs` of a new crate, with these dependencies in its `Cargo.toml`, and `cargo run` it:
//!
//!     wasmtime = "=@VERSION@"
//!     wasmtime-wasi = "=@VERSION@"
//!
//! Each step prints what came of it; the last line says whether all went as it was recorded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wasmtime::component::{Component, Linker as ComponentLinker, ResourceTable, Type, Val};
use wasmtime::{Config, Engine, Error, Linker, Module, Result, Store, StoreLimits, StoreLimitsBuilder, ValType};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// A program of the recording, as hexadecimal digits.
struct Program {
    name: &'static str,
    component: bool,
    hex: &'static str,
}

impl Program {
    fn wasm(&self) -> Vec<u8> {
        let digit = |at: usize| (self.hex.as_bytes()[at] as char).to_digit(16).unwrap() as u8;
        (0..self.hex.len() / 2).map(|i| digit(2 * i) * 16 + digit(2 * i + 1)).collect()
    }
}

/// A value as the recording has it.
#[derive(Clone, Copy)]
#[allow(dead_code)]
enum Plain {
    Nothing,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(&'static str),
    List(&'static [Plain]),
}

type Answers = Arc<Mutex<HashMap<&'static str, (usize, &'static [std::result::Result<Plain, &'static str>], bool)>>>;

/// What a store holds for its guests.
struct State {
    wasi: WasiCtx,
    preview1: wasmtime_wasi::p1::WasiP1Ctx,
    table: ResourceTable,
    limits: StoreLimits,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

enum Instance {
    Core(wasmtime::Instance),
    Component(wasmtime::component::Instance),
}

/// Stores, instances and host functions, as the recording has them.
struct Host {
    engine: Engine,
    stores: HashMap<u32, Store<State>>,
    instances: HashMap<u32, (u32, Instance)>,
    answers: Answers,
    differs: u32,
}

impl Host {
    fn new() -> Result<Host> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        config.consume_fuel(FUEL.is_some());
        let engine = Engine::new(&config)?;
        Ok(Host { engine, stores: HashMap::new(), instances: HashMap::new(), answers: Answers::default(), differs: 0 })
    }

    #[allow(dead_code)]
    fn answers(&mut self, path: &'static str, all: &'static [std::result::Result<Plain, &'static str>], again: bool) {
        self.answers.lock().unwrap().insert(path, (0, all, again));
    }

    fn store(&mut self, number: u32) -> Result<&mut Store<State>> {
        if !self.stores.contains_key(&number) {
            let mut limits = StoreLimitsBuilder::new();
            if let Some(size) = MEMORY {
                limits = limits.memory_size(size);
            }
            let state = State {
                wasi: WasiCtx::builder().inherit_stdout().inherit_stderr().build(),
                preview1: WasiCtx::builder().inherit_stdout().inherit_stderr().build_p1(),
                table: ResourceTable::new(),
                limits: limits.build(),
            };
            let mut store = Store::new(&self.engine, state);
            store.limiter(|state| &mut state.limits);
            if let Some(fuel) = FUEL {
                store.set_fuel(fuel)?;
            }
            self.stores.insert(number, store);
        }
        Ok(self.stores.get_mut(&number).unwrap())
    }

    #[allow(dead_code)]
    fn close(&mut self, store: u32) {
        self.stores.remove(&store);
    }

    fn instantiate(&mut self, n: u32, store: u32, number: u32, program: &Program, recorded: &str) -> Result<()> {
        let (engine, answers) = (self.engine.clone(), self.answers.clone());
        let held = self.store(store)?;
        held.set_epoch_deadline(SECONDS + 1);
        let made = if program.component {
            instantiate_component(&engine, held, program, answers).map(Instance::Component)
        } else {
            instantiate_module(&engine, held, program, answers).map(Instance::Core)
        };
        match made {
            Ok(instance) => {
                self.instances.insert(number, (store, instance));
                self.told(n, program.name, Ok("returned".into()), recorded);
            }
            Err(error) => self.told(n, program.name, Err(error), recorded),
        }
        Ok(())
    }

    fn call(&mut self, n: u32, instance: u32, export: &str, args: &[Plain], recorded: &str) -> Result<()> {
        let (store, made) = &self.instances[&instance];
        let held = self.stores.get_mut(store).unwrap();
        held.set_epoch_deadline(SECONDS + 1);
        let done = match made {
            Instance::Core(instance) => call_module(held, instance, export, args),
            Instance::Component(instance) => call_component(held, instance, export, args),
        };
        self.told(n, export, done, recorded);
        Ok(())
    }

    fn told(&mut self, n: u32, what: &str, done: Result<String>, recorded: &str) {
        let (kind, said) = match done {
            Ok(text) => (text.split(':').next().unwrap_or("").to_string(), text),
            Err(error) => {
                let kind = kind_of(&error);
                (kind.to_string(), format!("{kind}: {error:#}"))
            }
        };
        println!("step {n}: {what}: {said}");
        if kind != recorded {
            self.differs += 1;
            println!("  differs: recorded was {recorded}");
        }
    }
}

fn kind_of(error: &Error) -> &'static str {
    let text = format!("{error:#}");
    if text.contains("cannot enter component instance") {
        "refused"
    } else if text.contains("recorded host function") {
        "host-error"
    } else if text.to_lowercase().contains("exit status") {
        "exited"
    } else if matches!(error.downcast_ref::<wasmtime::Trap>(), Some(wasmtime::Trap::Interrupt)) {
        "timed-out"
    } else {
        "trapped"
    }
}

fn answer(answers: &Answers, path: &str) -> Result<Plain> {
    let mut all = answers.lock().unwrap();
    let Some((at, list, again)) = all.get_mut(path) else {
        return Ok(Plain::Nothing);
    };
    let found = if *again { list.first() } else { list.get(*at) };
    *at += 1;
    match found {
        Some(Ok(value)) => Ok(*value),
        Some(Err(text)) => Err(Error::msg(format!("recorded host function {path}: {text}"))),
        None => Err(Error::msg(format!("recorded host function {path}: asked more often than was recorded"))),
    }
}

fn instantiate_module(
    engine: &Engine,
    store: &mut Store<State>,
    program: &Program,
    answers: Answers,
) -> Result<wasmtime::Instance> {
    let module = Module::new(engine, program.wasm())?;
    let mut linker: Linker<State> = Linker::new(engine);
    wasmtime_wasi::p1::add_to_linker_sync(&mut linker, |state| &mut state.preview1)?;
    for import in module.imports() {
        let path = format!("{}#{}", import.module(), import.name());
        if let Some(ty) = import.ty().func()
            && answers.lock().unwrap().contains_key(path.as_str())
        {
            let (answers, results) = (answers.clone(), ty.results().collect::<Vec<_>>());
            linker.func_new(import.module(), import.name(), ty.clone(), move |_, _, out| {
                let value = answer(&answers, &path)?;
                for (place, ty) in out.iter_mut().zip(&results) {
                    *place = core(&value, ty);
                }
                Ok(())
            })?;
        }
    }
    linker.instantiate(&mut *store, &module)
}

fn instantiate_component(
    engine: &Engine,
    store: &mut Store<State>,
    program: &Program,
    answers: Answers,
) -> Result<wasmtime::component::Instance> {
    let component = Component::new(engine, program.wasm())?;
    let mut linker: ComponentLinker<State> = ComponentLinker::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    let paths: Vec<&'static str> = answers.lock().unwrap().keys().copied().collect();
    for path in paths {
        let answers = answers.clone();
        let host = move |_: wasmtime::StoreContextMut<'_, State>,
                         ty: wasmtime::component::types::ComponentFunc,
                         _: &[Val],
                         out: &mut [Val]| {
            let value = answer(&answers, path)?;
            for (place, ty) in out.iter_mut().zip(ty.results()) {
                *place = lowered(&value, &ty)?;
            }
            Ok(())
        };
        match path.rsplit_once('#') {
            Some((interface, name)) => linker.instance(interface)?.func_new(name, host)?,
            None => linker.root().func_new(path, host)?,
        }
    }
    linker.instantiate(&mut *store, &component)
}

fn call_module(
    store: &mut Store<State>,
    instance: &wasmtime::Instance,
    export: &str,
    args: &[Plain],
) -> Result<String> {
    let function = instance.get_func(&mut *store, export).ok_or_else(|| Error::msg("no such export"))?;
    let ty = function.ty(&*store);
    let args: Vec<_> = args.iter().zip(ty.params()).map(|(value, ty)| core(value, &ty)).collect();
    let mut results = vec![wasmtime::Val::I32(0); ty.results().len()];
    function.call(&mut *store, &args, &mut results)?;
    Ok(format!("returned: {results:?}"))
}

fn call_component(
    store: &mut Store<State>,
    instance: &wasmtime::component::Instance,
    export: &str,
    args: &[Plain],
) -> Result<String> {
    let function = match export.rsplit_once('#') {
        Some((interface, name)) => {
            let outer = instance.get_export_index(&mut *store, None, interface);
            let inner = instance.get_export_index(&mut *store, outer.as_ref(), name);
            inner.and_then(|index| instance.get_func(&mut *store, index))
        }
        None => instance.get_func(&mut *store, export),
    };
    let function = function.ok_or_else(|| Error::msg("no such export"))?;
    let ty = function.ty(&*store);
    let args = args.iter().zip(ty.params()).map(|(value, (_, ty))| lowered(value, &ty)).collect::<Result<Vec<_>>>()?;
    let mut results = vec![Val::Bool(false); ty.results().len()];
    function.call(&mut *store, &args, &mut results)?;
    Ok(match results.first() {
        Some(Val::Result(Err(error))) => format!("guest-error: {error:?}"),
        _ => format!("returned: {results:?}"),
    })
}

/// A number for a core module.
fn core(value: &Plain, ty: &ValType) -> wasmtime::Val {
    let float = match value {
        Plain::Float(number) => *number,
        Plain::Int(number) => *number as f64,
        _ => 0.0,
    };
    let whole = if let Plain::Int(number) = value { *number } else { 0 };
    match ty {
        ValType::I64 => wasmtime::Val::I64(whole as i64),
        ValType::F32 => wasmtime::Val::F32((float as f32).to_bits()),
        ValType::F64 => wasmtime::Val::F64(float.to_bits()),
        _ => wasmtime::Val::I32(whole as i32),
    }
}

/// A value for a component.
fn lowered(value: &Plain, ty: &Type) -> Result<Val> {
    Ok(match (value, ty) {
        (Plain::Bool(it), Type::Bool) => Val::Bool(*it),
        (Plain::Int(it), Type::U8) => Val::U8(*it as u8),
        (Plain::Int(it), Type::S8) => Val::S8(*it as i8),
        (Plain::Int(it), Type::U16) => Val::U16(*it as u16),
        (Plain::Int(it), Type::S16) => Val::S16(*it as i16),
        (Plain::Int(it), Type::U32) => Val::U32(*it as u32),
        (Plain::Int(it), Type::S32) => Val::S32(*it as i32),
        (Plain::Int(it), Type::U64) => Val::U64(*it as u64),
        (Plain::Int(it), Type::S64) => Val::S64(*it as i64),
        (Plain::Int(it), Type::Float64) => Val::Float64(*it as f64),
        (Plain::Int(it), Type::Float32) => Val::Float32(*it as f32),
        (Plain::Float(it), Type::Float64) => Val::Float64(*it),
        (Plain::Float(it), Type::Float32) => Val::Float32(*it as f32),
        (Plain::Text(it), Type::String) => Val::String((*it).into()),
        (Plain::Text(it), Type::Enum(_)) => Val::Enum((*it).into()),
        (Plain::Text(it), Type::Char) => Val::Char(it.chars().next().unwrap_or(' ')),
        (Plain::Nothing, Type::Option(_)) => Val::Option(None),
        (it, Type::Option(inner)) => Val::Option(Some(Box::new(lowered(it, &inner.ty())?))),
        (Plain::List(all), Type::List(inner)) => {
            Val::List(all.iter().map(|it| lowered(it, &inner.ty())).collect::<Result<Vec<_>>>()?)
        }
        _ => return Err(Error::msg("a value of a type that this program does not write")),
    })
}

fn main() -> Result<()> {
    println!("{TITLE}: recorded under Wasmtime {RECORDED}");
    let mut host = Host::new()?;
    let engine = host.engine.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            engine.increment_epoch();
        }
    });
    story(&mut host)?;
    println!("{}", if host.differs == 0 { "the same".to_string() } else { format!("different in {} steps", host.differs) });
    std::process::exit(i32::from(host.differs > 0));
}

