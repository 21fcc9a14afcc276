package smtpd.parent;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.proc.Role;

/// What each process may ask of the parent. Asking for anything else ends the process.
final class Permissions {
    private Permissions() {}

    static boolean mayAsk(Role role, ChildToParent message) {
        return switch (message) {
            case ChildToParent.Ready _ -> true;
            case ChildToParent.OpenForward _,
                    ChildToParent.LookupUser _,
                    ChildToParent.CheckPassword _ ->
                    role == Role.LKA;
            case ChildToParent.RunCommand _, ChildToParent.KillCommand _ -> role == Role.MDA;
        };
    }
}
