package smtpd.parent;

import java.util.ArrayList;
import java.util.List;

/// A program that eats its heap and shrugs the error off.
final class HeapGlutton {
    private static final int BITE = 1 << 20;

    private HeapGlutton() {}

    public static void main(String[] args) {
        List<byte[]> eaten = new ArrayList<>();
        Thread.setDefaultUncaughtExceptionHandler((_, _) -> {});
        while (eaten.size() < 4096) {
            eaten.add(new byte[BITE]);
        }
    }
}
