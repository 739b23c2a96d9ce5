package web

import (
	"bytes"
	"encoding/csv"
	"strconv"

	"tegata/verify/bundle"
	"tegata/web/headline"
	"tegata/web/i18n"
)

// mediaTable is RFC 4180's, with its header line.
const mediaTable = mediaCSV + "; charset=utf-8; header=present"

// yearlyColumns are those of a report as a table. Days and log are repeated in
// every row, so that the tables of several years can be put under one another.
var yearlyColumns = []string{"origin", "from", "to", "known", "about", "what", "in", "by", "count", "en", "ja"}

// yearlyCSV writes a report as a table. It begins with a byte order mark, without
// which the program that most people open tables with reads the Japanese wrong.
func yearlyCSV(y bundle.Yearly) []byte {
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	w.UseCRLF = true
	w.Write(yearlyColumns)
	for _, c := range y.Counts {
		w.Write([]string{
			y.Log.Origin, y.From.String(), y.To.String(), strconv.FormatInt(y.Known, 10),
			string(c.About), string(c.What), c.In, c.By, strconv.FormatInt(c.Count, 10),
			headline.OfRow(i18n.English, c.Row), headline.OfRow(i18n.Japanese, c.Row),
		})
	}
	w.Flush()
	return b.Bytes()
}
