package stock

// Encode returns text in a charset.
func Encode(c Charset, text string) string { return string(c.append(nil, text)) }
