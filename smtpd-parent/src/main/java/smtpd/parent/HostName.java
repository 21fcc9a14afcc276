package smtpd.parent;

import smtpd.core.sys.Host;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The server's name: the first line of `/etc/mailname`, else the kernel's host name made fully
/// qualified by the resolver, else that name as it is.
final class HostName {
    private static final Path MAILNAME = Path.of("/etc/mailname");

    private HostName() {}

    static String find() {
        return find(MAILNAME, kernelName());
    }

    static String find(Path mailNameFile, String kernelName) {
        String mailName = mailName(mailNameFile);
        if (!mailName.isEmpty()) {
            return mailName;
        }
        return kernelName.indexOf('.') >= 0 ? kernelName : qualified(kernelName);
    }

    private static String mailName(Path file) {
        try {
            return Files.readAllLines(file).stream().findFirst().orElse("").strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static String kernelName() {
        try {
            return Host.name();
        } catch (SysException e) {
            return "localhost";
        }
    }

    private static String qualified(String name) {
        try {
            String canonical = InetAddress.getByName(name).getCanonicalHostName();
            boolean isName = canonical.indexOf('.') > 0 && !canonical.matches("[0-9.:]+");
            return isName ? canonical : name;
        } catch (UnknownHostException e) {
            return name;
        }
    }
}
