#![no_std]
#![no_main]
pub enum Cmd { Quit, Pay(u32), Name(&'static str) }
pub struct In { pub name: &'static str, pub a: i32 }
pub struct Obj { pub pin: &'static In, pub arr: [[i32; 3]; 2], pub at: (i32, u8) }
static mut COUNTER: i32 = 3;
impl Obj { #[inline(never)] pub fn fun(&self, x: i32) -> (i32, i32) { unsafe { COUNTER += x; } (self.arr[1][2], x) } }
#[inline(never)] fn fun<T: Copy + Into<i64>>(o: &[T], x: i64) -> Option<u32> { if x > 2 { Some(o[0].into() as u32) } else { None } }
#[inline(never)] fn inl(c: Cmd) -> Cmd { match c { Cmd::Pay(n) => Cmd::Pay(n + 1), Cmd::Name(s) => Cmd::Name(s), Cmd::Quit => Cmd::Quit } }
static IN: In = In { name: "in", a: 4 };
#[no_mangle] pub extern "C" fn _start() -> ! { let o = Obj { pin: &IN, arr: [[1, 2, 3], [4, 5, 6]], at: (1, 2) }; let mut n = o.fun(7).0 + fun(&[1i32, 2], 3).unwrap_or(1) as i32; if let Cmd::Pay(k) = inl(Cmd::Pay(n as u32)) { n += k as i32 } loop { unsafe { COUNTER += n } } }
#[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
