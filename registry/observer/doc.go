// Package observer answers whether the declarations of a registry are where
// their makers say they are: "open to the public online" (MoC 3(2)(a)).
//
// An [Observer] visits the address of every declaration, and of every
// translation, about once a day, and says what it found by statements of its
// own key, declaration.observed, when that changes and at least every 30 days.
// It decides nothing: what an observation counts for is law, and written where
// all law is.
//
// A document is open where anybody gets it without login, cookie or consent,
// from an address that everybody can reach. It visits as a guest does: it says
// who it is and why it comes, heeds robots.txt, waits between two visits to one
// host, keeps no cookies, runs no scripts, and reaches no address that is not
// public.
package observer
