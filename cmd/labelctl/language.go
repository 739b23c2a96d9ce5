package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"tegata/web/i18n"
)

// A language is that of the reader, as a flag: by default that of the system.
type language i18n.Language

func languageFlag(f *flag.FlagSet) *language {
	l := language(i18n.Match("", systemLanguage()))
	f.Var(&l, "lang", "")
	return &l
}

func (l *language) String() string { return string(*l) }

func (l *language) Set(s string) error {
	if s != "en" && s != "ja" {
		return fmt.Errorf("it is en or ja")
	}
	*l = language(s)
	return nil
}

// systemLanguage returns the language that the locale names, in the form of RFC
// 5646: of ja_JP.UTF-8 it is ja-JP. Of several settings the first counts (POSIX,
// Base Definitions 8.2).
func systemLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if s := os.Getenv(name); s != "" {
			s, _, _ = strings.Cut(s, ".")
			s, _, _ = strings.Cut(s, "@")
			return strings.ReplaceAll(s, "_", "-")
		}
	}
	return ""
}

// faultLine is a fault as people read it, one line.
func faultLine(field, message string) string {
	if field == "" {
		return message
	}
	return field + ": " + message
}
