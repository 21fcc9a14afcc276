package smtpd.lka;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Peer;
import smtpd.core.proc.PeerLost;
import smtpd.core.sys.FdSocket;
import smtpd.lka.filter.FilterStarter;

import java.io.IOException;
import java.time.Duration;

/// Starts filter programs through the parent, which knows what they are.
///
/// @param parent whom to ask
/// @param patience how long it may take
record ParentFilterStarter(LinkPeer<ChildToParent, ParentToChild> parent, Duration patience)
        implements FilterStarter {
    @Override
    public FdSocket start(String proc) throws IOException {
        try {
            Peer.Answer.Got<ParentToChild> got =
                    parent.callForFd(new ChildToParent.StartFilter(proc), patience);
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

    @Override
    public void end(String proc) {
        parent.send(new ChildToParent.EndFilter(proc));
    }
}
