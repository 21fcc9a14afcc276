package smtpd.lka.table.proc;

import smtpd.core.sys.FdSocket;

import java.io.IOException;

/// Who starts the programs of tables: the parent. May block.
public interface ProgramStarter {
    /// Starts the program of a table, ending the one that runs; its standard input and output.
    ///
    /// @throws IOException why it could not be started
    FdSocket start(String table) throws IOException;

    /// Ends the program of a table.
    void end(String table);
}
