package smtpd.e2e.arch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What is written for people: Markdown pages and manual pages.
final class Documents {
    private static final String FENCE = "```";

    private Documents() {}

    /// A page.
    ///
    /// @param path relative to the root of the project
    /// @param text its content
    record Page(Path path, String text) {
        /// The targets of its links to other files, without fragments.
        List<String> relativeLinks() {
            List<String> links = new ArrayList<>();
            Matcher matcher = LINK.matcher(prose());
            while (matcher.find()) {
                String target = matcher.group(1);
                if (!target.contains("://") && !target.startsWith("#")) {
                    links.add(target.replaceFirst("#.*", ""));
                }
            }
            return links;
        }

        /// What stands in backquotes and looks like a path from the root of the project.
        List<String> quotedPaths() {
            List<String> paths = new ArrayList<>();
            Matcher matcher = QUOTED_PATH.matcher(prose());
            while (matcher.find()) {
                paths.add(matcher.group(1));
            }
            return paths;
        }

        /// The fenced blocks of a language, `""` for none.
        List<String> blocks(String language) {
            List<String> blocks = new ArrayList<>();
            StringBuilder block = null;
            boolean inside = false;
            for (String line : text.lines().toList()) {
                if (line.startsWith(FENCE)) {
                    boolean wanted = !inside && line.substring(FENCE.length()).equals(language);
                    if (block != null) {
                        blocks.add(block.toString());
                    }
                    block = wanted ? new StringBuilder() : null;
                    inside = !inside;
                } else if (block != null) {
                    block.append(line).append('\n');
                }
            }
            return blocks;
        }

        private String prose() {
            return FENCED.matcher(text).replaceAll("");
        }
    }

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    private static final Pattern QUOTED_PATH =
            Pattern.compile("`((?:smtpd-[a-z0-9]+|doc|etc)/[\\w./-]+)`");

    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");

    /// Every Markdown page of the project.
    static List<Page> markdown() {
        return Sources.written().stream()
                .filter(source -> source.path().toString().endsWith(".md"))
                .map(source -> new Page(source.path(), source.text()))
                .toList();
    }

    /// One page.
    static Page page(String path) {
        try {
            return new Page(Path.of(path), Files.readString(Sources.root().resolve(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Every manual page.
    static List<Page> manual() {
        try (Stream<Path> files = Files.list(Sources.root().resolve("doc/man"))) {
            return files.sorted().map(file -> page("doc/man/" + file.getFileName())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The literal displays of a manual page as they are printed.
    static List<String> displays(Page manual) {
        List<String> displays = new ArrayList<>();
        StringBuilder display = null;
        for (String line : manual.text().lines().toList()) {
            if (line.startsWith(".Bd -literal")) {
                display = new StringBuilder();
            } else if (line.equals(".Ed") && display != null) {
                displays.add(display.toString());
                display = null;
            } else if (display != null) {
                display.append(line.replace("\\e", "\\").replace("\\&", "")).append('\n');
            }
        }
        return displays;
    }
}
