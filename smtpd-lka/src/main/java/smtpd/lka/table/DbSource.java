package smtpd.lka.table;

import smtpd.core.table.DbFile;

import java.io.IOException;

/// The entries of a file of makemap(8), read where they are.
record DbSource(DbFile file) implements EntrySource {
    @Override
    public int size() {
        return file.size();
    }

    @Override
    public boolean isMapping() {
        return file.isMapping();
    }

    @Override
    public long find(String key) throws IOException {
        return file.find(key);
    }

    @Override
    public String key(long place) throws IOException {
        return file.key(place);
    }

    @Override
    public String value(long place) throws IOException {
        return file.value(place);
    }

    @Override
    public long firstFrom(long place) throws IOException {
        return file.firstFrom(place);
    }

    @Override
    public long behind(long place) throws IOException {
        return file.behind(place);
    }

    @Override
    public void walk(Visitor visitor) throws IOException {
        file.walk(visitor::visit);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
