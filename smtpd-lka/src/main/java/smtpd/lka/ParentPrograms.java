package smtpd.lka;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Peer;
import smtpd.core.proc.PeerLost;
import smtpd.core.sys.FdSocket;
import smtpd.lka.filter.FilterStarter;
import smtpd.lka.table.proc.ProgramStarter;

import java.io.IOException;
import java.time.Duration;

/// Starts the programs of tables and filters through the parent, which knows what they are.
///
/// @param parent whom to ask
/// @param patience how long it may take
record ParentPrograms(LinkPeer<ChildToParent, ParentToChild> parent, Duration patience) {
    /// Starts those of tables.
    ProgramStarter tables() {
        return new ProgramStarter() {
            @Override
            public FdSocket start(String table) throws IOException {
                return open(new ChildToParent.StartTable(table));
            }

            @Override
            public void end(String table) {
                parent.send(new ChildToParent.EndTable(table));
            }
        };
    }

    /// Starts those of filters.
    FilterStarter filters() {
        return new FilterStarter() {
            @Override
            public FdSocket start(String proc) throws IOException {
                return open(new ChildToParent.StartFilter(proc));
            }

            @Override
            public void end(String proc) {
                parent.send(new ChildToParent.EndFilter(proc));
            }
        };
    }

    /// The socket to a program that was started.
    private FdSocket open(ChildToParent start) throws IOException {
        try {
            Peer.Answer.Got<ParentToChild> got = parent.callForFd(start, patience);
            if (got.message() instanceof ParentToChild.TableRefused(String reason)) {
                throw new IOException(reason);
            }
            if (got.message() instanceof ParentToChild.FilterRefused(String reason)) {
                throw new IOException(reason);
            }
            if (got.fd() < 0) {
                throw new IOException("the parent sent no socket");
            }
            return FdSocket.adopt(got.fd());
        } catch (PeerLost e) {
            throw new IOException(e);
        }
    }
}
