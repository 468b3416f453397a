// A program that knows its own values, for probes on Rust.
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

pub static CALLS: AtomicI64 = AtomicI64::new(100);
static mut TOTAL: i64 = -5;

/// Hides from the optimiser what a value is, and which function is called.
#[inline(always)]
pub fn opaque<T: Copy>(v: T) -> T {
    unsafe { std::ptr::read_volatile(&v) }
}

/// Uses the address of a value, so that it has one.
#[inline(always)]
pub fn touch<T: ?Sized>(v: &T) {
    opaque(v as *const T as *const u8);
}

pub mod store {
    #[derive(Clone, Debug)]
    pub struct Item {
        pub price: i32,
        pub name: String,
    }

    pub struct Cart {
        pub id: i32,
        pub pos: (i32, i64),
        pub items: Vec<Item>,
        pub owner: String,
        pub codes: Vec<i16>,
    }

    impl Cart {
        #[inline(never)]
        pub fn new(id: i32) -> Cart {
            let item = |price, name: &str| Item { price, name: name.to_string() };
            Cart { id, pos: (-3, 44), items: vec![item(5, "one"), item(6, "two")], owner: "anna".to_string(), codes: vec![-1, 2, 30000] }
        }

        #[inline(never)]
        pub fn add(&mut self, n: i32, what: &str) -> usize {
            let before = self.id;
            self.id += n;
            crate::count(i64::from(before));
            crate::touch(what);
            what.len() + self.items.len()
        }
    }

    impl Drop for Cart {
        #[inline(never)]
        fn drop(&mut self) {
            crate::count(i64::from(std::hint::black_box(&*self).id));
        }
    }
}

use store::{Cart, Item};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    Low = 1,
    Mid = 5,
    High = 9,
}

pub enum Cmd {
    Quit,
    Move { x: i32, y: i32 },
    Write(String),
    Color(i8, i8, i8),
}

pub trait Shape {
    fn area(&self, k: i64) -> i64;
}
pub struct Sq(pub i64);
pub struct Circle {
    pub r: i64,
}
impl Shape for Sq {
    #[inline(never)]
    fn area(&self, k: i64) -> i64 {
        count(1);
        self.0 * self.0 + k
    }
}
impl Shape for Circle {
    #[inline(never)]
    fn area(&self, k: i64) -> i64 {
        count(2);
        3 * self.r * self.r + k
    }
}
impl fmt::Display for Circle {
    #[inline(never)]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        count(3);
        write!(f, "circle {}", self.r)
    }
}

pub struct Stack<T> {
    data: Vec<T>,
}
impl<T: Copy> Stack<T> {
    #[inline(never)]
    pub fn push(&mut self, v: T) -> usize {
        count(1);
        self.data.push(v);
        self.data.len()
    }
}

#[inline(never)]
pub fn count(n: i64) -> i64 {
    CALLS.fetch_add(n, Ordering::Relaxed)
}

#[inline(never)]
pub fn sum<T: Copy + Into<i64>>(list: &[T]) -> i64 {
    let mut s = count(1) * 0;
    for v in list {
        s += (*v).into();
    }
    s
}

#[inline(never)]
pub fn exec(cmd: &Cmd, level: Level, opt: &Option<i32>) -> i32 {
    count(1);
    (match cmd {
        Cmd::Quit => 0,
        Cmd::Move { x, y } => x + y,
        Cmd::Write(s) => s.len() as i32,
        Cmd::Color(r, g, b) => i32::from(*r) + i32::from(*g) + i32::from(*b),
    }) + level as i32
        + opt.unwrap_or(0)
}

#[inline(never)]
pub fn boxed(b: &Box<Item>, rc: &Rc<Item>, arc: &Arc<Item>, maybe: &Option<&Item>) -> i32 {
    count(1);
    b.price + rc.price + arc.price + maybe.map_or(0, |i| i.price)
}

#[inline(never)]
pub fn texts(name: &str, owned: &String, bytes: &Vec<u8>) -> usize {
    count(1);
    touch(name);
    name.len() + owned.len() + bytes.len()
}

#[inline(never)]
pub fn rows(list: &[i32], v: &Vec<Item>, names: &[&str], reals: &[f64; 2]) -> usize {
    count(1);
    touch(list);
    touch(names);
    list.len() + v.len() + names.len() + reals[0] as usize
}

#[inline(never)]
pub fn tup(t: &(i32, i64, i8), r: &(i16, (i32, char))) -> i64 {
    count(1);
    i64::from(t.0) + t.1 + i64::from(t.2) + i64::from(r.0) + i64::from((r.1).0)
}

#[inline(never)]
pub fn refs(n: &i32, deep: &&i64, mutable: &mut u16, on: &bool, flags: &[bool]) -> i64 {
    touch(flags);
    *mutable += 1;
    count(i64::from(*n) + **deep + i64::from(*on)) + flags.len() as i64
}

#[inline(never)]
fn apply(f: &dyn Fn(i32) -> i32, x: i32) -> i32 {
    count(1);
    f(x)
}

mod back {
    use super::{Item, Level};
    use std::hint::black_box;
    pub struct Pair { pub x: i32, pub y: i32 }
    pub struct Three(pub u16, pub u16, pub u8);
    #[inline(never)]
    pub fn text(n: usize) -> String { black_box("ab".repeat(n)) }
    #[inline(never)]
    pub fn row(n: i32) -> Vec<i32> { black_box(vec![n, n + 1]) }
    #[inline(never)]
    pub fn name(s: &str) -> &str { black_box(&s[1..]) }
    #[inline(never)]
    pub fn small(n: i32) -> Pair { black_box(Pair { x: n, y: -n }) }
    #[inline(never)]
    pub fn tuple(n: i32) -> (i64, i32) { black_box((i64::from(n) * 2, n)) }
    #[inline(never)]
    pub fn three(n: u16) -> Three { black_box(Three(n, n + 1, 9)) }
    #[inline(never)]
    pub fn maybe(n: u32) -> Option<u32> { black_box(if n > 2 { Some(n) } else { None }) }
    #[inline(never)]
    pub fn part(s: &str) -> Option<&str> { black_box(s.get(..3)) }
    #[inline(never)]
    pub fn result(n: u32) -> Result<String, std::num::ParseIntError> {
        black_box(if n > 2 { Ok("okay".to_string()) } else { "x".parse::<i32>().map(|_| String::new()) })
    }
    #[inline(never)]
    pub fn level(n: u32) -> Level { black_box(if n > 0 { Level::High } else { Level::Low }) }
    #[inline(never)]
    pub fn held(n: i32) -> Box<Item> { black_box(Box::new(Item { price: n, name: "b".to_string() })) }
    #[inline(never)]
    pub fn minus(n: i32) -> i32 { black_box(-n) }
}

fn returns() -> usize {
    let (small, three) = (back::small(4), back::three(3));
    let mut s = back::text(3).len() + back::row(7).len() + back::name("jhello").len() + (small.x - small.y) as usize;
    s += back::tuple(8).1 as usize + usize::from(three.0) + usize::from(three.1) + usize::from(three.2);
    s += back::maybe(1).unwrap_or(0) as usize + back::maybe(5).unwrap_or(0) as usize + back::part("abcdef").map_or(0, str::len);
    s += back::result(5).map_or(0, |t| t.len()) + back::level(1) as usize + back::held(9).price as usize;
    s + (5 - back::minus(5)) as usize
}

fn main() {
    let mut cart = opaque(Cart::new as fn(i32) -> Cart)(7);
    let mut s = opaque(Cart::add as fn(&mut Cart, i32, &str) -> usize)(&mut cart, 3, "a name longer than others") as i64;
    s += opaque(sum as fn(&[i32]) -> i64)(&[1, 2, 3]) + opaque(sum as fn(&[u8]) -> i64)(b"\x04\x05");
    s += opaque(Sq::area as fn(&Sq, i64) -> i64)(&Sq(5), 1) + opaque(Circle::area as fn(&Circle, i64) -> i64)(&Circle { r: 2 }, 2);
    s += format!("{}", Circle { r: 6 }).len() as i64;
    let mut reals = Stack { data: vec![1.5f64] };
    s += opaque(Stack::push as fn(&mut Stack<f64>, f64) -> usize)(&mut reals, 2.5) as i64;
    let mut ints = Stack { data: vec![1i32] };
    s += opaque(Stack::push as fn(&mut Stack<i32>, i32) -> usize)(&mut ints, 2) as i64;
    let run = opaque(exec as fn(&Cmd, Level, &Option<i32>) -> i32);
    for (c, l, o) in [
        (Cmd::Quit, Level::Low, None),
        (Cmd::Move { x: 11, y: -4 }, Level::Mid, Some(6)),
        (Cmd::Write("written".to_string()), Level::High, Some(0)),
        (Cmd::Color(1, -2, 3), Level::Low, None),
    ] {
        s += i64::from(run(&c, l, &o));
    }
    let item = |price, name: &str| Item { price, name: name.to_string() };
    let (b, rc, arc, there) = (Box::new(item(20, "boxed")), Rc::new(item(21, "counted")), Arc::new(item(22, "atomic")), item(31, "borrowed"));
    let hold = opaque(boxed as fn(&Box<Item>, &Rc<Item>, &Arc<Item>, &Option<&Item>) -> i32);
    s += i64::from(hold(&b, &rc, &arc, &Some(&there)));
    s += i64::from(hold(&b, &rc, &arc, &None));
    let read = opaque(texts as fn(&str, &String, &Vec<u8>) -> usize);
    s += read("grüße", &"owned text".to_string(), &vec![1, 2, 255]) as i64;
    s += read("", &String::new(), &Vec::new()) as i64;
    s += read(&"y".repeat(100), &"tab\t\"quoted\"".to_string(), &vec![7]) as i64;
    s += opaque(rows as fn(&[i32], &Vec<Item>, &[&str], &[f64; 2]) -> usize)(&[9, 8, -7], &cart.items, &["x", "yy"], &[2.5, -0.5]) as i64;
    s += opaque(tup as fn(&(i32, i64, i8), &(i16, (i32, char))) -> i64)(&(-1, 2, 3), &(4, (-5, 'Z')));
    let mut changed = 65535 - 5;
    s += opaque(refs as fn(&i32, &&i64, &mut u16, &bool, &[bool]) -> i64)(&-12, &&34, &mut changed, &true, &[true, false]);
    let k = s as i32;
    s += i64::from(opaque(apply as fn(&dyn Fn(i32) -> i32, i32) -> i32)(
        &|q| {
            count(1);
            q * 2 + k
        },
        21,
    ));
    s += returns() as i64;
    unsafe { TOTAL += s };
    drop(cart);
    println!("{} {} {}", s, CALLS.load(Ordering::Relaxed), unsafe { TOTAL });
}
