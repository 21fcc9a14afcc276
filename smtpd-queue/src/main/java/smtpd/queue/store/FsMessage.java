package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.NavigableSet;
import java.util.TreeSet;

/// A message that exists as files.
final class FsMessage {
    final MsgId id;
    final long size;
    final int crc;
    final NavigableSet<EvpId> envelopes = new TreeSet<>();
    Bytes label;
    boolean held;

    FsMessage(MsgId id, long size, int crc, Bytes label) {
        this.id = id;
        this.size = size;
        this.crc = crc;
        this.label = label;
    }
}
