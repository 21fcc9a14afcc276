package smtpd.lka.filter;

import smtpd.core.sys.FdSocket;

import java.io.IOException;

/// Who starts filter programs: the parent. May block.
public interface FilterStarter {
    /// Starts a program, ending the one of that name that runs; its standard input and output.
    ///
    /// @throws IOException why it could not be started
    FdSocket start(String proc) throws IOException;

    /// Ends a program.
    void end(String proc);
}
