package cycle

import (
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
)

type pages struct{}

// named is words as the directory names things.
func named(id string, w dialogue.Words) party.Named {
	n := party.Named{ID: id, Name: map[locale.Lang]string{}}
	for lang, one := range w {
		n.Name[lang] = one.Text
	}
	return n
}
