package smtpd.e2e.arch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The files of the project.
final class Sources {
    private Sources() {}

    /// A Java source.
    ///
    /// @param path relative to the root of the project
    /// @param text its content
    record Source(Path path, String text) {
        List<String> lines() {
            return text.lines().toList();
        }

        boolean isMain() {
            return path.toString().contains("/src/main/");
        }

        boolean isPackageInfo() {
            return path.endsWith("package-info.java");
        }

        /// `smtpd-core` and so on.
        String module() {
            return path.getName(0).toString();
        }

        /// The file's name without `.java`.
        String type() {
            String name = String.valueOf(path.getFileName());
            return name.substring(0, name.length() - ".java".length());
        }

        /// The package, by its directory.
        String packageName() {
            String text = path.toString();
            int start = text.indexOf("/java/") + "/java/".length();
            return text.substring(start, text.lastIndexOf('/')).replace('/', '.');
        }

        /// Where a line is, as compilers write it.
        String at(int index) {
            return path + ":" + (index + 1);
        }
    }

    /// The directory of the whole project.
    static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve("smtpd-core"))) {
            at = at.getParent();
            if (at == null) {
                throw new IllegalStateException("tests run inside the project");
            }
        }
        return at;
    }

    /// Every Java source of the modules, tests too; not the examples, which are set as they stand
    /// in the manual.
    static List<Source> java() {
        return files(name -> name.endsWith(".java")).stream()
                .filter(it -> !it.path().startsWith("etc"))
                .toList();
    }

    /// The sources that are installed.
    static List<Source> mainJava() {
        return java().stream().filter(Source::isMain).toList();
    }

    /// Every text file that people write: sources, build files, scripts, documents.
    static List<Source> written() {
        return files(name ->
                name.endsWith(".java")
                        || name.endsWith(".xml")
                        || name.endsWith(".md")
                        || name.endsWith(".sh")
                        || name.indexOf('.') < 0);
    }

    /// The texts of the scripts below a directory of the project: dialogues, steps, and why they
    /// are there.
    static List<String> below(String directory) {
        Path folder = root().resolve(directory);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(smtp|steps|md)"))
                    .sorted()
                    .map(Sources::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Source> files(Predicate<String> named) {
        Path root = root();
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> named.test(String.valueOf(file.getFileName())))
                    .map(root::relativize)
                    .filter(Sources::isOurs)
                    .sorted()
                    .map(path -> new Source(path, read(root.resolve(path))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOurs(Path path) {
        String text = path.toString();
        String first = path.getName(0).toString();
        return !text.contains("/target/")
                && !text.contains("/src/test/resources/")
                && (first.startsWith("smtpd-")
                        || first.equals("etc")
                        || first.equals("doc")
                        || path.getNameCount() == 1);
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
