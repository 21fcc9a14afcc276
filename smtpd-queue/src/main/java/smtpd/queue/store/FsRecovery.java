package smtpd.queue.store;

import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds what exists in the files of an [FsStore] at start, and completes what was begun.
///
/// Crash points: the journal is made again as often as it is found; what is removed means nothing.
final class FsRecovery {
    private final SpoolFs fs;
    private final FsFiles files;
    private final IntMap<FsMessage> index;
    private final Quarantine quarantine;
    private final Map<MsgId, Set<EvpId>> envelopes = new LinkedHashMap<>();
    private final Set<MsgId> contents = new LinkedHashSet<>();
    private final Map<MsgId, String> reasons = new LinkedHashMap<>();
    private final Set<MsgId> begun = new LinkedHashSet<>();
    private final Set<MsgId> messages = new LinkedHashSet<>();

    FsRecovery(SpoolFs fs, FsFiles files, IntMap<FsMessage> index, Quarantine quarantine) {
        this.fs = fs;
        this.files = files;
        this.index = index;
        this.quarantine = quarantine;
    }

    void run(FsChanges made) throws IOException {
        for (String bucket : FsFiles.buckets()) {
            for (String name : fs.list(bucket)) {
                file(bucket, name);
            }
        }
        List<RecordTx> changes = journal();
        changes.forEach(tx -> tx.commit().ifPresent(c -> begun.add(c.message())));
        messages.forEach(id -> envelopes.computeIfAbsent(id, _ -> new LinkedHashSet<>()));
        for (Map.Entry<MsgId, Set<EvpId>> entry : envelopes.entrySet()) {
            message(entry.getKey(), entry.getValue());
        }
        made.readRoster();
        for (RecordTx tx : changes) {
            made.make(tx);
        }
        made.makeRoster(changes);
        files.settle();
        files.unlink(FsFiles.JOURNAL);
        files.unlink(FsFiles.JOURNAL + FsFiles.UNFINISHED);
        forget();
        files.settle();
    }

    private void file(String bucket, String name) throws IOException {
        int dot = name.lastIndexOf('.');
        String id = dot < 0 ? "" : name.substring(0, dot);
        String suffix = dot < 0 ? "" : name.substring(dot);
        try {
            switch (suffix) {
                case FsFiles.UNFINISHED -> files.unlink(bucket + "/" + name);
                case FsFiles.CONTENT -> contents.add(message(id));
                case FsFiles.MESSAGE -> messages.add(message(id));
                case FsFiles.ENVELOPE -> {
                    EvpId evpid = new EvpId(HexFormat.fromHexDigitsToLong(id));
                    envelopes.computeIfAbsent(evpid.msgid(), _ -> new LinkedHashSet<>()).add(evpid);
                }
                default -> quarantine.notice(bucket + "/" + name + ": not a file of ours");
            }
        } catch (IllegalArgumentException _) {
            quarantine.notice(bucket + "/" + name + ": not a file of ours");
        }
    }

    private static MsgId message(String id) {
        return new MsgId(HexFormat.fromHexDigits(id));
    }

    /// A message whose own file is damaged is held: its envelopes cannot be delivered without its
    /// content, and are not to be forgotten.
    private void message(MsgId id, Set<EvpId> its) throws IOException {
        FsMessage message;
        try {
            message = files.readMessage(id);
        } catch (CorruptException e) {
            message = held(id, String.valueOf(e.getMessage()));
        } catch (NoSuchFileException _) {
            message =
                    begun.contains(id)
                            ? new FsMessage(id, -1, 0, Bytes.EMPTY)
                            : held(id, "its file " + FsFiles.message(id) + " is missing");
        }
        message.envelopes.addAll(its);
        index.put(id.value(), message);
    }

    private FsMessage held(MsgId id, String why) {
        reasons.put(id, why);
        FsMessage message = new FsMessage(id, -1, 0, Bytes.EMPTY);
        message.held = true;
        return message;
    }

    private List<RecordTx> journal() throws IOException {
        try {
            return new FsJournal(files).read();
        } catch (CorruptException e) {
            quarantine.file(
                    FsFiles.JOURNAL, files.read(FsFiles.JOURNAL), String.valueOf(e.getMessage()));
            return List.of();
        }
    }

    /// Content that nobody committed, and messages without envelopes, mean nothing.
    private void forget() throws IOException {
        List<FsMessage> empty = new ArrayList<>();
        index.forEach(message -> {
            if (message.envelopes.isEmpty()) {
                empty.add(message);
            }
        });
        FsChanges changes = new FsChanges(index, files);
        for (FsMessage message : empty) {
            index.remove(message.id.value());
            changes.end(message.id);
        }
        for (MsgId id : contents) {
            FsMessage message = index.get(id.value());
            if (message == null) {
                files.unlink(FsFiles.content(id));
            }
        }
        reasons.forEach((id, why) -> {
            FsMessage message = index.get(id.value());
            if (message != null && message.held) {
                quarantine.hold(id, why);
            }
        });
        index.forEach(message -> {
            if (!message.held && !contents.contains(message.id) && message.size > 0) {
                message.held = true;
                quarantine.hold(
                        message.id, "its file " + FsFiles.content(message.id) + " is missing");
            }
        });
    }
}
