package smtpd.mda;

import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.MailAddr;
import smtpd.mda.Disk.FileFacts;
import smtpd.mda.Disk.Kind;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/// Appends to an mbox (RFC 4155): the user's under the mail directory, or a file that aliases or
/// `.forward` name.
///
/// Crash points · the message is synced before it counts as delivered; what a failed attempt wrote
/// is cut off again. After a crash in the middle the next message begins on a line of its own.
///
/// Trust · the mailbox must be a regular file with one name; the user's own one must belong to the
/// user.
final class Mbox {
    private static final DateTimeFormatter CTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);
    private static final byte[] LF = {'\n'};

    private final AsUser asUser;
    private final Disk disk;
    private final InstantSource clock;
    private final ZoneId zone;
    private final MboxLocks locks;

    /// @param asUser takes on the user's rights
    /// @param disk the file system
    /// @param clock the time in the line between messages, and how long locks last
    /// @param zone whose local time that line shows
    Mbox(AsUser asUser, Disk disk, InstantSource clock, ZoneId zone) {
        this.asUser = asUser;
        this.disk = disk;
        this.clock = clock;
        this.zone = zone;
        locks = new MboxLocks(disk, clock);
    }

    /// What is appended.
    ///
    /// @param sender the reverse-path
    /// @param top the trace fields
    /// @param letter the message
    record Entry(MailAddr sender, String top, Letter letter) {}

    /// Appends to the user's own mailbox, which is made when it is missing.
    ///
    /// @param directory the system's mail directory
    void deliver(UserRecord user, Path directory, Entry entry) throws IOException {
        Path mailbox = directory.resolve(user.name());
        MboxLocks.Locker locker =
                new MboxLocks.Locker() {
                    @Override
                    public <T> T run(AsUser.FileWork<T> work) throws IOException {
                        return asUser.runIn(user, directory, work);
                    }
                };
        locks.whileMine(
                locker,
                mailbox,
                () -> {
                    locker.run(() -> makeIfMissing(mailbox));
                    appendTo(mailbox, asUser.run(user, () -> open(user, mailbox)), entry);
                });
    }

    private boolean makeIfMissing(Path mailbox) throws IOException {
        if (disk.facts(mailbox).isPresent()) {
            return false;
        }
        disk.create(mailbox).close();
        syncParent(mailbox);
        return true;
    }

    /// Appends to a file of any owner that the user may write to.
    void append(UserRecord user, Path file, Entry entry) throws IOException {
        MboxLocks.Locker locker =
                new MboxLocks.Locker() {
                    @Override
                    public <T> T run(AsUser.FileWork<T> work) throws IOException {
                        return asUser.run(user, work);
                    }
                };
        locks.whileMine(
                locker, file, () -> appendTo(file, asUser.run(user, () -> openFile(file)), entry));
    }

    private MailFile open(UserRecord user, Path mailbox) throws IOException {
        FileFacts before = check(mailbox, disk.facts(mailbox));
        if (before.uid() != user.uid()) {
            throw refused(mailbox, "not owned by " + user.name());
        }
        return same(mailbox, before, disk.append(mailbox, false));
    }

    private MailFile openFile(Path file) throws IOException {
        Optional<FileFacts> before = disk.facts(file);
        if (before.isEmpty()) {
            MailFile made = disk.append(file, true);
            syncParent(file);
            return made;
        }
        return same(file, check(file, before), disk.append(file, false));
    }

    private static FileFacts check(Path path, Optional<FileFacts> facts) throws IOException {
        if (facts.isEmpty()) {
            throw refused(path, "vanished");
        }
        FileFacts found = facts.get();
        if (found.kind() != Kind.FILE) {
            throw refused(path, found.kind() == Kind.LINK ? "symbolic link" : "not a regular file");
        }
        if (found.links() != 1) {
            throw refused(path, "has more than one name");
        }
        return found;
    }

    /// The path must still name what was looked at: nothing may be put there in between.
    private MailFile same(Path path, FileFacts before, MailFile file) throws IOException {
        Optional<FileFacts> after = disk.facts(path);
        if (after.isEmpty()
                || after.get().inode() != before.inode()
                || after.get().links() != before.links()) {
            file.close();
            throw refused(path, "was replaced");
        }
        return file;
    }

    private static DeliveryFailure refused(Path path, String why) {
        return new DeliveryFailure(Verdict.tempfail("4.3.0", path + ": " + why));
    }

    private void syncParent(Path file) throws IOException {
        Path parent = file.getParent();
        if (parent != null) {
            disk.syncDirectory(parent);
        }
    }

    private void appendTo(Path path, MailFile opened, Entry entry) throws IOException {
        try (MailFile file = opened) {
            locks.lock(path, file);
            long size = file.size();
            try {
                write(file, entry);
                file.sync();
            } catch (IOException e) {
                cutBack(file, size, e);
                throw e;
            }
        }
    }

    private void write(MailFile file, Entry entry) throws IOException {
        int last = file.last();
        if (last >= 0 && last != '\n') {
            file.write(ByteBuffer.wrap(LF));
        }
        String from = separator(entry.sender(), clock.instant());
        file.write(ByteBuffer.wrap(from.getBytes(StandardCharsets.UTF_8)));
        MboxOutput out = new MboxOutput(new FileOutput(file));
        entry.letter().writeTo(entry.top(), out);
        out.end();
    }

    private static void cutBack(MailFile file, long size, IOException cause) {
        try {
            file.truncate(size);
            file.sync();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /// `From sender date`, the line that begins each message.
    private String separator(MailAddr sender, Instant now) {
        String who = sender.isNull() ? "MAILER-DAEMON" : sender.toString();
        return "From " + who + " " + CTIME.format(now.atZone(zone)) + "\n";
    }
}
