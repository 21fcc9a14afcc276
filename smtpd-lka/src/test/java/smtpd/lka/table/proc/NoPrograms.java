package smtpd.lka.table.proc;

import smtpd.core.sys.FdSocket;

import java.io.IOException;

/// Starts nothing.
public enum NoPrograms implements ProgramStarter {
    INSTANCE;

    @Override
    public FdSocket start(String table) throws IOException {
        throw new IOException("no programs here");
    }

    @Override
    public void end(String table) {}
}
