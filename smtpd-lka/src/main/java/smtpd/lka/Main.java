package smtpd.lka;

import smtpd.core.proc.Child;
import smtpd.core.proc.Role;

/// The lka process.
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        new LkaProcess(Child.start(Role.LKA, args)).serve();
    }
}
