package main

import (
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// toText sets a text as it is.
func toText(to *string) func(string) error {
	return func(value string) error {
		*to = value
		return nil
	}
}

// toSwitch sets what is true or false.
func toSwitch(to *bool) func(string) error {
	return func(value string) (err error) {
		if *to, err = strconv.ParseBool(value); err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		return nil
	}
}

// toNumber sets a whole number, from least to most.
func toNumber[N int | int64](to *N, least, most N) func(string) error {
	return func(value string) error {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < int64(least) || n > int64(most) {
			return fmt.Errorf("%q is not a whole number from %d to %d", value, least, most)
		}
		*to = N(n)
		return nil
	}
}

// auto leaves a number to the server.
const auto = "auto"

// toAuto sets a whole number, from least to most, or leaves it unset.
func toAuto(to *int, least, most int) func(string) error {
	return func(value string) error {
		if value == auto {
			*to = unset
			return nil
		}
		if err := toNumber(to, least, most)(value); err != nil {
			return fmt.Errorf("%w, nor %s", err, auto)
		}
		return nil
	}
}

// toTime sets a length of time, from least to most.
func toTime(to *time.Duration, least, most time.Duration) func(string) error {
	return func(value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d < least || d > most {
			return fmt.Errorf("%q is not a time from %v to %v, such as 90s or 24h", value, least, most)
		}
		*to = d
		return nil
	}
}

// toEach adds one of several.
func toEach[T any](to *[]T, parse func(string) (T, error)) func(string) error {
	return func(value string) error {
		one, err := parse(value)
		if err != nil {
			return err
		}
		*to = append(*to, one)
		return nil
	}
}

// toListen sets an address to listen on.
func toListen(to *string) func(string) error {
	return func(value string) error {
		_, port, err := net.SplitHostPort(value)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			return fmt.Errorf("%q is not HOST:PORT, such as 127.0.0.1:8080", value)
		}
		*to = value
		return nil
	}
}

// toChecked sets a text that is what it should be.
func toChecked(to *string, check func(string) error) func(string) error {
	return func(value string) error {
		*to = value
		return check(value)
	}
}

// toLevel sets the least that is logged.
func toLevel(to *slog.Level) func(string) error {
	return func(value string) error {
		levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
		i := slices.IndexFunc(levels, func(l slog.Level) bool { return strings.EqualFold(l.String(), value) })
		if i < 0 {
			return fmt.Errorf("%q is none of debug, info, warn and error", value)
		}
		*to = levels[i]
		return nil
	}
}
