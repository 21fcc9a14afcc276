package smtpd.parent;

import smtpd.core.proc.Role;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

/// Starts the process of a role with the other end of its control link.
interface Starter {
    /// @param role the role
    /// @param control becomes descriptor 0 of the process; stays the caller's to close
    /// @return the process id
    int start(Role role, FdSocket control) throws SysException;
}
