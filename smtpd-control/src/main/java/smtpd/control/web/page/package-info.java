/// The status page: what the operator of a mail server looks at first, drawn anew for each request.
///
/// [StatusPage] puts the sections one after the other; each is a class that draws from a [Glance],
/// which is all that was read at one moment. What is not fresh says so: [Heard] carries when it was
/// read and why not later. [Html] escapes by construction.
@NullMarked
package smtpd.control.web.page;

import org.jspecify.annotations.NullMarked;
