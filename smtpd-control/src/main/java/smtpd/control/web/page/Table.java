package smtpd.control.web.page;

import java.util.List;

/// A table whose rows become cards where the screen is narrow. The roles are said in words, for the
/// cards' layout takes them away.
final class Table {
    /// Before the header of a column of numbers.
    static final String NUMBER = "#";

    private final Html html;
    private final List<String> headers;
    private int column;

    /// Begins one.
    ///
    /// @param caption what it lists
    /// @param kind a class of the style sheet
    /// @param headers of its columns, after [#NUMBER] where numbers stand below it; one that is
    ///   empty heads buttons
    Table(Html html, String caption, String kind, List<String> headers) {
        this.html = html;
        this.headers = headers.stream().map(Table::label).toList();
        html.open("table", "role", "table", "class", kind);
        html.element("caption", caption);
        html.open("thead", "role", "rowgroup").open("tr", "role", "row");
        for (String header : headers) {
            String column = header.equals(label(header)) ? "" : "number";
            html.element(
                    "th", label(header), "scope", "col", "role", "columnheader", "class", column);
        }
        html.close().close().open("tbody", "role", "rowgroup");
    }

    private static String label(String header) {
        return header.startsWith(NUMBER) ? header.substring(NUMBER.length()) : header;
    }

    /// Begins a row, with what it is about.
    Table row(String name, String kind) {
        column = 1;
        html.open("tr", "role", "row", "class", kind);
        html.open("th", "scope", "row", "role", "rowheader").name(name).close();
        return this;
    }

    /// A cell of text.
    Table text(String text) {
        begin("");
        html.text(text);
        return end();
    }

    /// A cell with a name or text of the world.
    Table name(String name) {
        begin("");
        html.name(name);
        return end();
    }

    /// A cell with a number.
    Table number(String number) {
        begin("number");
        html.text(number);
        return end();
    }

    /// Begins a cell that the caller fills.
    void begin(String kind) {
        html.open("td", "role", "cell", "class", kind, "data-label", headers.get(column++));
    }

    Table end() {
        html.close();
        return this;
    }

    void endRow() {
        html.closeLine();
    }

    void close() {
        html.close().closeLine();
    }
}
