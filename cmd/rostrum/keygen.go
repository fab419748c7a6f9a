package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"rostrum.example/internal/seal"
)

var keygenCommand = &command{
	name:     "keygen",
	synopsis: "FILE [--classic] [--passphrase]",
	summary:  "make a key for sealed records and files",
	help: `
Makes a new key: writes its secret half (the identity) into FILE, which only you can read, and prints its public half
(the recipient), one long line that you give to whoever shall seal for you. An existing file is never overwritten.

Keep a copy of FILE away from this machine: without it nothing that is sealed for you can be opened again. With
--passphrase the file itself is sealed with a passphrase; rostrum open asks for it, and scripts give it in a file with
--passphrase-file or in the variable ROSTRUM_PASSPHRASE.

The key is hybrid (ML-KEM-768 with X25519), for age 1.3 and later. --classic makes one for older age programs, which a
later quantum computer could break. Hybrid and classic recipients never stand together.

example:
  rostrum keygen unit.key --passphrase > unit.recipient
`,
	run: func(ctx context.Context, c *call, args []string) error {
		old := c.Bool("classic", false, "make a key that age programs before 1.3 understand")
		protect := c.Bool("passphrase", false, "seal the file with a passphrase")
		phraseFile := c.passphraseFlag()
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 1 {
			return usagef("name the file for the key")
		}
		name := words[0]
		if _, err := os.Lstat(name); err == nil { // before anybody is asked for a passphrase
			return bad(notOverwritten(name))
		}
		phrase := ""
		if *protect || *phraseFile != "" {
			if phrase, err = c.newPassphrase(*phraseFile); err != nil {
				return err
			}
		}
		generate := seal.GenerateIdentity
		if *old {
			generate = seal.GenerateClassicIdentity
		}
		identity, err := generate()
		if err != nil {
			return environment(err)
		}
		note := "created: " + time.Now().UTC().Format(time.DateOnly)
		err = writeNew(name, func(w io.Writer) error {
			if phrase != "" {
				return seal.SealIdentity(w, identity, note, phrase)
			}
			return seal.WriteIdentity(w, identity, note)
		})
		if err != nil {
			return classify(err)
		}
		recipient := identity.Recipient()
		if c.json {
			return c.printJSON(struct {
				File      string `json:"file"`
				Recipient string `json:"recipient"`
				Hybrid    bool   `json:"hybrid"`
				Protected bool   `json:"protected"`
			}{name, recipient.String(), recipient.Hybrid(), phrase != ""})
		}
		fmt.Fprintln(c.stdout, recipient)
		fmt.Fprintf(c.stderr, "The key is in %s. Keep a copy away from this machine; give others only the line that begins with age1.\n", name)
		return nil
	},
}

func notOverwritten(name string) error {
	return fmt.Errorf("%s exists and was not overwritten; name another file", name)
}

// writeNew writes a file that only its owner can read, whole or not at all, and never over another.
func writeNew(name string, write func(io.Writer) error) error {
	err := writeWhole(name, func(w io.Writer) error { // holds name.part, so that no other run comes between
		if err := write(w); err != nil {
			return err
		}
		if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
			return bad(notOverwritten(name))
		}
		return nil
	})
	return err
}
