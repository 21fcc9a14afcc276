/// HTTP for reading: the metrics and the status page, on sockets that control was handed.
///
/// No library: a page is a GET of a fixed path, answered whole and closed. Only loopback addresses
/// and Unix sockets are served, and a request that names another host is refused, so that no page
/// of the web reaches this one through the operator's browser (DNS rebinding).
@NullMarked
package smtpd.control.web;

import org.jspecify.annotations.NullMarked;
