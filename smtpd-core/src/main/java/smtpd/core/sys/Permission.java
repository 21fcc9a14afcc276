package smtpd.core.sys;

/// A class of system calls that a process asks for when it pledges, beyond what every JVM needs to
/// compute, to read what Landlock lets it read, and to talk over the sockets it already has.
public enum Permission {
    /// Make Unix sockets: connect, bind, listen, accept.
    UNIX,
    /// Accept TCP connections on listening sockets it was given; no socket of its own.
    ACCEPT,
    /// Make TCP sockets and connect them, from a local address of its choice.
    CONNECT,
    /// Make UDP sockets: DNS.
    UDP,
    /// Make TCP sockets, bind them and listen.
    LISTEN,
    /// Create, write, rename, remove and sync files.
    WPATH,
    /// Send signals to other processes and wait for children.
    PROC,
    /// Start programs.
    EXEC,
    /// Change the ids of a thread: local delivery.
    SETID
}
