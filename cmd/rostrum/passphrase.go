package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"rostrum.example/internal/seal"
)

// phraseVariable is where scripts put a passphrase.
const phraseVariable = "ROSTRUM_PASSPHRASE"

// minPhrase is the shortest passphrase that keygen takes, in characters.
const minPhrase = 12

// passphraseFlag lets scripts say a passphrase; a person is asked at the terminal.
func (c *call) passphraseFlag() *string {
	return c.String("passphrase-file", "", "`FILE` whose first line is the passphrase; else "+phraseVariable+" or the terminal")
}

// passphrase gives how to learn the passphrase that opens what.
func (c *call) passphrase(file, what string) seal.Passphrase {
	return func() (string, error) {
		if phrase, given, err := scripted(file); given || err != nil {
			return phrase, err
		}
		return readHidden(fmt.Sprintf("Passphrase of %s: ", what))
	}
}

// newPassphrase gives a passphrase that something new is to be protected with.
func (c *call) newPassphrase(file string) (string, error) {
	phrase, given, err := scripted(file)
	if err != nil {
		return "", err
	}
	if !given {
		if phrase, err = readHidden("New passphrase: "); err != nil {
			return "", err
		}
		again, err := readHidden("The same again: ")
		if err != nil {
			return "", err
		}
		if phrase != again {
			return "", bad(errors.New("the two passphrases differ; nothing was written"))
		}
	}
	if utf8.RuneCountInString(phrase) < minPhrase {
		return "", bad(fmt.Errorf("the passphrase is shorter than %d characters; take several words; nothing was written", minPhrase))
	}
	return phrase, nil
}

// scripted gives the passphrase that a file or the environment says.
func scripted(file string) (phrase string, given bool, err error) {
	if file == "" {
		phrase, given = os.LookupEnv(phraseVariable)
		return phrase, given, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", false, bad(err)
	}
	phrase, _, _ = strings.Cut(string(text), "\n")
	return strings.TrimSuffix(phrase, "\r"), true, nil
}
