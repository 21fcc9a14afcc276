package smtpd.testkit.dialogue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The dialogues that come with the testkit: `dialogues/<verb>/<case>.smtp`.
public final class Dialogues {
    private static final String FOLDER = "dialogues";

    private Dialogues() {}

    /// All of them, by name.
    public static List<Dialogue> all() {
        URL folder = Dialogues.class.getClassLoader().getResource(FOLDER);
        if (folder == null) {
            throw new IllegalStateException("no folder of dialogues");
        }
        try {
            URI uri = folder.toURI();
            if (uri.getScheme().equals("file")) {
                return below(Path.of(uri));
            }
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                return below(jar.getPath("/" + FOLDER));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Dialogue> below(Path root) throws IOException {
        List<Dialogue> dialogues = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".smtp")).sorted().toList()) {
                String name = root.relativize(file).toString();
                dialogues.add(Dialogue.parse(name, Files.readString(file)));
            }
        }
        return dialogues;
    }
}
