package settings

import (
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Text sets a text as it is.
func Text(to *string) func(string) error {
	return func(value string) error {
		*to = value
		return nil
	}
}

// Switch sets what is true or false.
func Switch(to *bool) func(string) error {
	return func(value string) (err error) {
		if *to, err = strconv.ParseBool(value); err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		return nil
	}
}

// Number sets a whole number, from least to most, both included.
func Number[N int | int64](to *N, least, most N) func(string) error {
	return func(value string) error {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < int64(least) || n > int64(most) {
			return fmt.Errorf("%q is not a whole number from %d to %d", value, least, most)
		}
		*to = N(n)
		return nil
	}
}

// NumberOr sets a whole number, from least to most, both included, or what a word stands
// for.
func NumberOr(to *int, least, most int, word string, is int) func(string) error {
	return func(value string) error {
		if value == word {
			*to = is
			return nil
		}
		if err := Number(to, least, most)(value); err != nil {
			return fmt.Errorf("%w, nor %s", err, word)
		}
		return nil
	}
}

// Time sets a length of time, such as 90s, from least to most, both included.
func Time(to *time.Duration, least, most time.Duration) func(string) error {
	return func(value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d < least || d > most {
			return fmt.Errorf("%q is not a time from %v to %v, such as 90s or 24h", value, least, most)
		}
		*to = d
		return nil
	}
}

// Each adds one of several, as parse reads it.
func Each[T any](to *[]T, parse func(string) (T, error)) func(string) error {
	return func(value string) error {
		one, err := parse(value)
		if err != nil {
			return err
		}
		*to = append(*to, one)
		return nil
	}
}

// Listen sets an address to listen on, HOST:PORT; without HOST, on all that there are.
func Listen(to *string) func(string) error {
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

// Checked sets a text that check finds nothing wrong with.
func Checked(to *string, check func(string) error) func(string) error {
	return func(value string) error {
		*to = value
		return check(value)
	}
}

// Level sets the least that is logged: debug, info, warn or error, in small letters or
// capitals.
func Level(to *slog.Level) func(string) error {
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
