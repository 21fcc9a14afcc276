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
                    ChildToParent.CheckPassword _,
                    ChildToParent.StartTable _,
                    ChildToParent.EndTable _,
                    ChildToParent.StartFilter _,
                    ChildToParent.EndFilter _ ->
                    role == Role.LKA;
            // control believes a local user's name only if its uid fits
            case ChildToParent.LookupUser _ -> role == Role.LKA || role == Role.CONTROL;
            case ChildToParent.UpdatePki _ -> role == Role.CONTROL;
            // never unasked
            case ChildToParent.Renewed _ -> false;
            case ChildToParent.RunCommand _, ChildToParent.KillCommand _ -> role == Role.MDA;
        };
    }
}
