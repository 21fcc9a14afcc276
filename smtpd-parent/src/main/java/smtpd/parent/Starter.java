package smtpd.parent;

import smtpd.core.proc.Role;
import smtpd.core.sys.ExitStatus;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

/// Starts and ends the process of a role.
interface Starter {
    /// Starts it with the other end of its control link.
    ///
    /// @param role the role
    /// @param control becomes the control link of the process; stays the caller's to close
    /// @return the process id
    int start(Role role, FdSocket control) throws SysException;

    /// Waits until a process it has started is gone.
    ExitStatus waitFor(int pid) throws SysException;

    /// Ends a process at once.
    void kill(int pid) throws SysException;
}
