package smtpd.control.client;

import org.jspecify.annotations.Nullable;

import smtpd.core.table.DbFile;
import smtpd.core.table.DbWriter;
import smtpd.core.table.TableText;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// makemap(8): makes the file of a `db` table out of a text, or shows what is in one.
///
/// `makemap [-U] [-C file] [-d hash|btree] [-O AliasFile=file] [-o dbfile] [-t aliases|set] file`,
/// and `makemap TYPE NAME` as sendmail has it, which reads standard input. The kind of database is
/// taken note of and makes no difference: there is one format (OpenSMTPD: does not read its own
/// btree).
final class MakeMap {
    private static final String USAGE =
            "usage: makemap [-U] [-C file] [-d dbtype] [-O option=value] [-o dbfile] [-t type]"
                    + " file";

    private final Console console;

    /// What the entries are.
    private enum Type {
        /// Keys and values.
        MAP,
        /// Keys only.
        SET,
        /// Keys and values that are aliases.
        ALIASES
    }

    /// What was asked for.
    private static final class Line {
        private Type type = Type.MAP;
        private String source = "";
        private String target = "";
        private boolean dump;
    }

    MakeMap(Console console) {
        this.console = console;
    }

    int run(List<String> arguments) {
        Line line = parse(new ArrayDeque<>(arguments));
        if (line == null) {
            return console.fail(Exit.FAILED, USAGE);
        }
        if (line.source.equals("-") && line.target.isEmpty()) {
            return console.fail(Exit.FAILED, "standard input needs -o");
        }
        try {
            if (line.dump) {
                return dump(Path.of(line.source));
            }
            make(line);
            return Exit.OK;
        } catch (TableText.Malformed e) {
            return console.fail(Exit.FAILED, e.in(line.source));
        } catch (NoSuchFileException e) {
            return console.fail(Exit.FAILED, e.getFile() + ": no such file");
        } catch (IOException e) {
            return console.fail(Exit.FAILED, line.source + ": " + e.getMessage());
        }
    }

    /// Null when that is no command line of this program.
    private static @Nullable Line parse(Deque<String> words) {
        Line line = new Line();
        boolean sendmails = !words.isEmpty() && isKind(words.getFirst());
        if (sendmails) {
            words.removeFirst();
        }
        while (!words.isEmpty() && words.getFirst().matches("-.+")) {
            String option = words.removeFirst();
            if (option.equals("-U")) {
                line.dump = true;
                continue;
            }
            String value = option.length() > 2 ? option.substring(2) : words.pollFirst();
            if (value == null || !option(line, option.charAt(1), value)) {
                return null;
            }
        }
        if (words.size() == 1) {
            line.source = words.removeFirst();
        }
        if (!words.isEmpty() || line.source.isEmpty()) {
            return null;
        }
        if (sendmails) {
            line.target = line.source + ".db";
            line.source = "-";
        }
        return line;
    }

    private static boolean isKind(String word) {
        return word.equals("hash") || word.equals("btree");
    }

    private static boolean option(Line line, char option, String value) {
        switch (option) {
            case 'C' -> {}
            case 'd' -> {
                return isKind(value);
            }
            case 'O' -> {
                if (!value.startsWith("AliasFile=")) {
                    return false;
                }
                line.source = value.substring("AliasFile=".length());
                line.type = Type.ALIASES;
            }
            case 'o' -> line.target = value;
            case 't' -> {
                if (!value.equals("set") && !value.equals("aliases")) {
                    return false;
                }
                line.type = value.equals("set") ? Type.SET : Type.ALIASES;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void make(Line line) throws IOException, TableText.Malformed {
        boolean fromInput = line.source.equals("-");
        Path target = Path.of(line.target.isEmpty() ? line.source + ".db" : line.target);
        try (InputStream in =
                fromInput
                        ? new ByteArrayInputStream(console.in().readAllBytes())
                        : Files.newInputStream(Path.of(line.source))) {
            TableText.Kind kind =
                    line.type == Type.SET ? TableText.Kind.LIST : TableText.Kind.MAPPING;
            write(in, fromInput ? null : Path.of(line.source), target, kind);
        }
    }

    /// Makes a file of a text; returns how many entries it has.
    ///
    /// @param source whose owner and rights the file gets; null for those of any file
    static int write(InputStream text, @Nullable Path source, Path target, TableText.Kind kind)
            throws IOException, TableText.Malformed {
        Path temporary = target.resolveSibling("." + target.getFileName() + ".new");
        try (DbWriter writer = new DbWriter(target, temporary)) {
            likeSource(temporary, source);
            TableText.Kind found = TableText.read(text, kind, writer);
            return writer.finish(found == TableText.Kind.MAPPING);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(
                    temporary + " exists: another makemap runs, or one was interrupted", e);
        }
    }

    private static void likeSource(Path made, @Nullable Path source) throws IOException {
        if (source == null) {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-r--r--"));
            return;
        }
        PosixFileAttributes wanted = Files.readAttributes(source, PosixFileAttributes.class);
        PosixFileAttributeView view =
                Files.getFileAttributeView(made, PosixFileAttributeView.class);
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
        PosixFileAttributes present = view.readAttributes();
        if (!present.owner().equals(wanted.owner())) {
            view.setOwner(wanted.owner());
        }
        if (!present.group().equals(wanted.group())) {
            view.setGroup(wanted.group());
        }
        Files.setPosixFilePermissions(made, wanted.permissions());
    }

    /// Prints the entries of a file, as a text that would make it again.
    private int dump(Path file) throws IOException {
        PrintStream out = console.out();
        try (DbFile db = DbFile.open(file)) {
            for (long at = db.firstFrom(0); at >= 0; at = db.firstFrom(db.behind(at))) {
                out.println(db.isMapping() ? db.key(at) + "\t" + db.value(at) : db.value(at));
            }
        }
        return Exit.OK;
    }
}
