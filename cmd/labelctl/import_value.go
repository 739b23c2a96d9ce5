package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tegata/verify"
	"tegata/verify/match"
)

// cellValue returns a cell as the value of a field: as its type wants it where
// it can be read so, and otherwise as it stands, for the checks to say.
func cellValue(m verify.Member, cell string) any {
	switch m.Type {
	case "boolean":
		if v, ok := truths[match.Model(cell)]; ok {
			return v
		}
	case "integer":
		digits := strings.TrimLeft(match.Model(cell), "★☆")
		if n, err := strconv.Atoi(digits); err == nil {
			return json.Number(strconv.Itoa(n))
		}
	}
	if m.Day {
		return dayOf(cell)
	}
	return cell
}

// truths are how yes and no are written, as [match.Model] folds them.
var truths = map[string]bool{
	"TRUE": true, "YES": true, "Y": true, "1": true, "はい": true, "有": true, "あり": true, "○": true, "〇": true, "対応": true,
	"FALSE": false, "NO": false, "N": false, "0": false, "いいえ": false, "無": false, "なし": false, "×": false, "非対応": false,
}

var yearFirst = regexp.MustCompile(`^(\d{4})(?:[/.-]|年)(\d{1,2})(?:[/.-]|月)(\d{1,2})日?$`)

// dayOf reads a day as it is written in Japan and by spreadsheets, the year
// first: there is one way to read that. A British or American one stays as it is.
func dayOf(cell string) string {
	parts := yearFirst.FindStringSubmatch(cell)
	if parts == nil {
		return cell
	}
	month, _ := strconv.Atoi(parts[2]) // digits only
	day, _ := strconv.Atoi(parts[3])
	return fmt.Sprintf("%s-%02d-%02d", parts[1], month, day)
}

// A model is one of a row.
type importModel struct {
	model string
	gtins []string
	row   *importRow
}

// between separates the models of one cell, and within separates barcode numbers.
var (
	between = regexp.MustCompile(`\s*[;；\n]\s*`)
	within  = regexp.MustCompile(`[\s,、，/／]+`)
)

// rowModels reads the models of a row: with several, the barcode numbers are in
// as many groups.
func rowModels(models, gtins string) (all []importModel, groups int) {
	if models != "" {
		for _, name := range between.Split(models, -1) {
			all = append(all, importModel{model: strings.TrimSpace(name)})
		}
	} else if gtins != "" {
		all = []importModel{{}} // the checks miss its name
	}
	if gtins == "" {
		return all, len(all)
	}
	lists := []string{gtins}
	if len(all) > 1 {
		lists = between.Split(gtins, -1)
	}
	for i, list := range lists {
		if i < len(all) {
			for _, g := range within.Split(strings.Join(between.Split(list, -1), " "), -1) {
				if g != "" {
					all[i].gtins = append(all[i].gtins, g)
				}
			}
		}
	}
	return all, len(lists)
}
