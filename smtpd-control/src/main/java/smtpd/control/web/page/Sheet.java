package smtpd.control.web.page;

import java.time.ZoneId;

/// What a section draws on, and from.
///
/// @param html where it is written
/// @param glance what was read
/// @param zone the zone of all times
/// @param operable whether buttons are wanted
record Sheet(Html html, Glance glance, ZoneId zone, boolean operable) {
    /// A button that has the form at the end of the page sent.
    ///
    /// @param order what is to be done
    /// @param label what it says
    /// @param name what it is about, for who cannot see where it stands
    void button(String order, String label, String name) {
        if (operable) {
            html.element(
                    "button",
                    label,
                    "type",
                    "submit",
                    "form",
                    "orders",
                    "name",
                    "order",
                    "value",
                    order,
                    "aria-label",
                    label + " " + name);
        }
    }
}
