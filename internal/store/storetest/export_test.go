package storetest

import "net/url"

var StartOnce = startOnce

// Folder is where the server at address lives.
func Folder(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Query().Get("host")
}
