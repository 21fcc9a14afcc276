/// The kernel as this project uses it: sockets that carry descriptors, programs started under
/// dropped rights, Landlock, seccomp, per-thread credentials.
///
/// Purpose: the only package that calls native code (Foreign Function & Memory API) and the only
/// one that opens the JDK's own packages (`Channels`).
///
/// Runs as: inside every process; each class says which rights it needs.
///
/// Trusts: the Linux system call interface; glibc's `posix_spawn`, `getpwnam_r`, `getgrouplist`,
/// `getspnam_r`; libcrypt, where there is one.
///
/// Standards: Linux on x86_64 and aarch64, LP64, little endian.
///
/// Diagnostics: `SysException` names the call and the errno; `Sandboxed` and `Pledge.Report` say
/// which layers the kernel granted.
///
/// Start reading at: `Native`, `FdSocket`, `Spawn`.
@NullMarked
package smtpd.core.sys;

import org.jspecify.annotations.NullMarked;
