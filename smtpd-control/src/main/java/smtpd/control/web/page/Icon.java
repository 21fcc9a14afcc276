package smtpd.control.web.page;

import smtpd.control.web.HttpAnswer;

/// The picture of the page in a browser's tab: an envelope.
public final class Icon {
    /// The same for everybody.
    public static final HttpAnswer ANSWER = HttpAnswer.svg(draw());

    private Icon() {}

    private static String draw() {
        Html html = new Html();
        html.open("svg", "xmlns", "http://www.w3.org/2000/svg", "viewBox", "0 0 16 16");
        html.empty(
                "rect", "x", "1", "y", "3", "width", "14", "height", "10", "rx", "2", "fill",
                "#2f6fb5");
        html.empty(
                "path",
                "d",
                "M2 5l6 4 6-4",
                "fill",
                "none",
                "stroke",
                "#fff",
                "stroke-width",
                "1.5");
        return html.close().toString();
    }
}
