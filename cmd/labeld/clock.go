package main

import "time"

// now is the clock of a server.
var now = time.Now
