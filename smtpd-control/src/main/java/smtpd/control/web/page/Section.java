package smtpd.control.web.page;

import java.util.List;

/// A part of the page, with a heading of its own.
interface Section {
    /// Names it in the page, in one word.
    String id();

    /// The heading.
    String title();

    /// Where it comes from, each with its time.
    List<Source> sources(Glance glance);

    /// Draws what is below the heading.
    void draw(Sheet sheet);

    /// A source of a section.
    ///
    /// @param who what is said of it
    /// @param heard what it said
    record Source(String who, Heard<?> heard) {}
}
