// Package stock reads a list of stock as a shop keeps it: rows of fields between
// commas, semicolons or tabs (RFC 4180), in UTF-8, UTF-16 or Shift_JIS, with the
// shop's own columns beside those that name a product. It finds out how a list
// is written and which columns can be asked about, says what it found, and
// refuses what it cannot tell; and it writes every row out again, byte for byte,
// with the answer behind it.
//
// A list is read as it comes, a row at a time, in memory that does not grow with
// it. What is wrong with one row is that row's fault, and the next one is read.
//
// It does not use encoding/csv: that keeps no row as it was written (a quoted
// field without need, a CRLF, an empty line), knows neither UTF-16 nor a single
// CR, holds a field however long it is, and has no way on after a row that has.
// It is what the tests compare with.
package stock
