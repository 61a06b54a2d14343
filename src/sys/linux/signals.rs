use std::sync::atomic::{AtomicPtr, Ordering::*};
pub struct Fault {
    info: *mut libc::siginfo_t,
    context: *mut libc::ucontext_t,
}
static H: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
impl Fault {
    fn reg(&self, r: i32) -> usize {
        unsafe { (*self.context).uc_mcontext.gregs[r as usize] as usize }
    }
    pub fn pc(&self) -> usize {
        self.reg(libc::REG_RIP)
    }
    pub fn fp(&self) -> usize {
        self.reg(libc::REG_RBP)
    }
    pub fn address(&self) -> usize {
        unsafe { (*self.info).si_addr() as usize }
    }
    pub fn resume(&mut self, pc: usize, fp: usize, sp: usize) {
        unsafe {
            let g = &mut (*self.context).uc_mcontext.gregs;
            g[libc::REG_RIP as usize] = pc as i64;
            g[libc::REG_RBP as usize] = fp as i64;
            g[libc::REG_RSP as usize] = sp as i64;
        }
    }
}
extern "C" fn handler(sig: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let mut f = Fault { info, context: context.cast() };
    let h: fn(&mut Fault) -> bool = unsafe { std::mem::transmute(H.load(Acquire)) };
    if !h(&mut f) {
        unsafe {
            libc::signal(sig, libc::SIG_DFL);
        }
    }
}
pub fn acquire(h: fn(&mut Fault) -> bool) -> std::io::Result<()> {
    H.store(h as *mut (), Release);
    for s in [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE] {
        unsafe {
            let mut a: libc::sigaction = std::mem::zeroed();
            a.sa_sigaction = handler as *const () as usize;
            a.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigaction(s, &a, std::ptr::null_mut());
        }
    }
    Ok(())
}
pub fn release() {}
