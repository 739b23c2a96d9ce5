package stock

import "tegata/verify"

// What may be wrong with a list, or with a row of it. The names are sent to
// clients: they are never renamed, and never reused.
const (
	Empty        verify.FaultRule = "list_empty"
	Workbook     verify.FaultRule = "list_workbook"  // a spreadsheet's own file
	NotCharset   verify.FaultRule = "list_charset"   // detail: those that can be read
	OtherMark    verify.FaultRule = "list_mark"      // a byte order mark of another charset; detail: of which
	NotText      verify.FaultRule = "list_text"      // neither UTF-8 nor Shift_JIS; detail: the line
	NotColumn    verify.FaultRule = "list_columns"   // not such as gtin=3; detail: the part
	NoSuchColumn verify.FaultRule = "list_column"    // detail: the heading or position
	NoColumn     verify.FaultRule = "list_no_column" // none that names a product
	NoHeader     verify.FaultRule = "list_header"    // it does not show whether there is one
	NotHeader    verify.FaultRule = "list_heading"   // neither present nor absent

	RowLong  verify.FaultRule = "row_long"  // detail: the limit in bytes
	RowMany  verify.FaultRule = "row_many"  // fields; detail: the limit
	RowMore  verify.FaultRule = "row_more"  // fields than the first row; detail: how many
	RowQuote verify.FaultRule = "row_quote" // text behind a closing quotation mark; detail: the field's number
	RowOpen  verify.FaultRule = "row_open"  // a quotation mark that is not closed, or only where it was not meant; detail: the field's number
	RowCut   verify.FaultRule = "row_cut"   // the list may end in the middle of what is asked
	CellText verify.FaultRule = "cell_text" // not of the list's charset; detail: which
)

// Rules lists them all.
var Rules = []verify.FaultRule{Empty, Workbook, NotCharset, OtherMark, NotText, NotColumn, NoSuchColumn, NoColumn, NoHeader, NotHeader,
	RowLong, RowMany, RowMore, RowQuote, RowOpen, RowCut, CellText}
