package smtpd.core.sys;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Which system calls belong to which permission, by name. Calls a machine does not have are
/// skipped there (aarch64 has no `open`, only `openat`).
final class SyscallGroups {
    /// What a JVM does: memory, threads, time, reading files, using the sockets it has. The most
    /// frequent calls come first.
    static final List<String> BASE =
            words(
                    """
                    read write futex epoll_wait epoll_pwait epoll_pwait2 recvmsg sendto recvfrom sendmsg
                    readv writev pread64 pwrite64 preadv pwritev epoll_ctl poll ppoll close
                    mmap munmap mprotect madvise mremap brk msync mincore membarrier rseq
                    gettid getpid getppid sched_yield clock_gettime clock_nanosleep nanosleep
                    fstat newfstatat statx stat lstat lseek getdents64 access faccessat faccessat2
                    readlink readlinkat getcwd fcntl fadvise64 statfs fstatfs
                    dup dup2 dup3 pipe pipe2 eventfd2 epoll_create epoll_create1 select pselect6
                    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sigaltstack
                    set_robust_list get_robust_list set_tid_address restart_syscall exit exit_group
                    sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler
                    sched_get_priority_max sched_get_priority_min getpriority setpriority getcpu
                    clock_getres gettimeofday time times getrusage getrlimit sysinfo uname
                    prctl arch_prctl getrandom capget umask
                    getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid
                    shutdown getsockopt setsockopt getsockname getpeername sendfile
                    """);

    /// Calls that change ids: for local delivery.
    static final List<String> SETID =
            words(
                    "setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid"
                            + " setgroups");

    /// Ways out of a sandbox, and parts of the kernel with a history of holes: refused by name.
    static final List<String> DANGEROUS =
            words(
                    """
                    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd pidfd_open
                    pidfd_send_signal bpf perf_event_open userfaultfd io_uring_setup io_uring_enter
                    io_uring_register io_setup keyctl add_key request_key
                    mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick
                    mount_setattr unshare setns open_by_handle_at name_to_handle_at
                    init_module finit_module delete_module kexec_load kexec_file_load reboot swapon
                    swapoff acct quotactl quotactl_fd syslog sethostname setdomainname
                    settimeofday clock_settime clock_adjtime adjtimex iopl ioperm personality
                    lookup_dcookie vhangup fanotify_init modify_ldt migrate_pages move_pages
                    capset mknod mknodat memfd_create memfd_secret
                    """);

    private static final List<String> UNIX = words("connect bind listen accept accept4");
    private static final List<String> ACCEPT = words("accept accept4");
    private static final List<String> CONNECT = words("connect bind");
    private static final List<String> LISTEN = words("bind listen accept accept4");
    private static final List<String> WPATH =
            words(
                    """
                    open openat ftruncate truncate fallocate fsync fdatasync sync_file_range syncfs
                    rename renameat renameat2 unlink unlinkat mkdir mkdirat rmdir link linkat
                    chmod fchmod fchmodat fchmodat2 utimensat utime utimes flock copy_file_range
                    """);
    private static final List<String> PROC =
            words("kill wait4 waitid setpgid setsid getsid rt_sigqueueinfo");
    private static final List<String> EXEC =
            words("execve execveat clone fork vfork close_range chdir fchdir");

    private SyscallGroups() {}

    /// The calls a permission adds.
    static List<String> of(Permission permission) {
        return switch (permission) {
            case UNIX -> UNIX;
            case ACCEPT -> ACCEPT;
            case CONNECT, UDP -> CONNECT;
            case LISTEN -> LISTEN;
            case WPATH -> WPATH;
            case PROC -> PROC;
            case EXEC -> EXEC;
            case SETID -> SETID;
        };
    }

    /// The calls that are refused, rather than said not to exist, to a process with these
    /// permissions: the dangerous ones, and those of the permissions it lacks.
    static List<String> refusedWithout(Set<Permission> permissions) {
        List<String> refused = new ArrayList<>(DANGEROUS);
        for (Permission permission : Permission.values()) {
            if (!permissions.contains(permission)) {
                refused.addAll(of(permission));
            }
        }
        return refused.stream().distinct().toList();
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }
}
