package smtpd.mda;

import smtpd.core.imsg.UserRecord;
import smtpd.mda.Disk.FileFacts;
import smtpd.mda.Disk.Kind;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/// Delivers into a maildir: `tmp/NAME` is written and synced, renamed to `new/NAME`, and both
/// directories are synced. Only then is the message delivered.
///
/// Crash points · before the rename nothing is delivered and a file is left in `tmp`, which readers
/// of maildirs remove after 36 hours; between the rename and the end of the syncs the message may
/// be there and be delivered once more.
///
/// Trust · the maildir, its folder, `tmp` and `new` must belong to the user; only the maildir
/// itself may be a symbolic link, and only one made by the user or root.
final class Maildir {
    private final AsUser asUser;
    private final Disk disk;
    private final DirectorySync directories;
    private final MaildirNames names;
    private final InstantSource clock;

    /// @param asUser takes on the user's rights
    /// @param disk the file system
    /// @param names names messages
    /// @param clock the time in names
    Maildir(AsUser asUser, Disk disk, MaildirNames names, InstantSource clock) {
        this.asUser = asUser;
        this.disk = disk;
        this.names = names;
        this.clock = clock;
        directories = new DirectorySync(disk);
    }

    /// Where a message goes.
    ///
    /// @param root the maildir
    /// @param folder a folder of it that is made when missing, with its dot; or empty
    /// @param existing a folder of it that is used when it exists, with its dot; or empty
    record Place(Path root, String folder, String existing) {}

    /// A file in `tmp` and where it will be.
    private record Begun(MailFile file, Path tmp, Path target) {}

    /// Delivers.
    ///
    /// @param top the trace fields
    /// @throws IOException if it is not delivered; nothing is left behind
    void deliver(UserRecord user, Place place, String top, Letter letter) throws IOException {
        String name = names.name(clock.instant());
        Begun begun = asUser.run(user, () -> begin(user, place, name));
        try {
            try (MailFile file = begun.file()) {
                LfOutput out = new LfOutput(new FileOutput(file));
                letter.writeTo(top, out);
                out.end();
                file.sync();
            }
            asUser.run(user, () -> finish(user, begun));
        } catch (IOException e) {
            discard(user, begun, e);
            throw e;
        }
    }

    private Begun begin(UserRecord user, Place place, String name) throws IOException {
        Path root = root(user, place.root());
        Path directory = folder(root, place);
        try {
            return create(user, directory, name);
        } catch (NoSuchFileException _) {
            makeMaildir(directory);
            return create(user, directory, name);
        }
    }

    private Begun create(UserRecord user, Path directory, String name) throws IOException {
        Path tmp = directory.resolve("tmp");
        Path target = directory.resolve("new");
        own(user, directory);
        own(user, tmp);
        own(user, target);
        return new Begun(disk.create(tmp.resolve(name)), tmp.resolve(name), target.resolve(name));
    }

    /// The maildir, made with what leads to it if there is none.
    private Path root(UserRecord user, Path root) throws IOException {
        Optional<FileFacts> facts = disk.facts(root);
        if (facts.isEmpty()) {
            makeParents(root);
            return root;
        }
        FileFacts found = facts.get();
        if (found.kind() != Kind.LINK) {
            return root;
        }
        if (found.uid() != user.uid() && found.uid() != 0) {
            throw refused(root, "symbolic link of another user");
        }
        return disk.resolve(root);
    }

    private Path folder(Path root, Place place) throws IOException {
        if (!place.folder().isEmpty()) {
            makeIfMissing(root);
            return root.resolve(place.folder());
        }
        if (!place.existing().isEmpty()) {
            Path folder = root.resolve(place.existing());
            Optional<FileFacts> facts = disk.facts(folder);
            if (facts.isPresent() && facts.get().kind() == Kind.DIRECTORY) {
                return folder;
            }
        }
        return root;
    }

    private void makeIfMissing(Path directory) throws IOException {
        if (disk.facts(directory).isEmpty()) {
            makeMaildir(directory);
        }
    }

    private void makeParents(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent != null && disk.facts(parent).isEmpty()) {
            makeParents(parent);
            disk.createDirectory(parent);
            syncParent(parent);
        }
    }

    /// Makes a maildir or folder, or what it lacks, so that it survives a crash.
    private void makeMaildir(Path directory) throws IOException {
        disk.createDirectory(directory);
        disk.createDirectory(directory.resolve("tmp"));
        disk.createDirectory(directory.resolve("cur"));
        disk.createDirectory(directory.resolve("new"));
        disk.syncDirectory(directory);
        syncParent(directory);
    }

    /// The directory above may be one that the user, or our sandbox, does not let us read: then its
    /// entries become stable in the file system's own time.
    private void syncParent(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent == null) {
            return;
        }
        try {
            disk.syncDirectory(parent);
        } catch (AccessDeniedException _) {
            return;
        }
    }

    private void own(UserRecord user, Path directory) throws IOException {
        FileFacts facts =
                disk.facts(directory)
                        .orElseThrow(() -> new NoSuchFileException(directory.toString()));
        if (facts.kind() != Kind.DIRECTORY) {
            throw refused(directory, facts.kind() == Kind.LINK ? "symbolic link" : "no directory");
        }
        if (facts.uid() != user.uid()) {
            throw refused(directory, "not owned by " + user.name());
        }
    }

    private static DeliveryFailure refused(Path path, String why) {
        return new DeliveryFailure(Verdict.tempfail("4.3.0", path + ": " + why));
    }

    private boolean finish(UserRecord user, Begun begun) throws IOException {
        disk.move(begun.tmp(), begun.target());
        directories.sync(user.uid(), parent(begun.target()));
        directories.sync(user.uid(), parent(begun.tmp()));
        return true;
    }

    private static Path parent(Path file) {
        return java.util.Objects.requireNonNull(file.getParent());
    }

    /// Removes what an attempt left; that it cannot must not hide why it failed.
    private void discard(UserRecord user, Begun begun, IOException cause) {
        try {
            asUser.run(
                    user,
                    () -> {
                        disk.delete(begun.tmp());
                        disk.delete(begun.target());
                        return true;
                    });
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
