package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rostrum.example/internal/seal"
)

// TestSealPicture seals a picture and opens it again: what tells about its maker is gone.
func TestSealPicture(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	const comment = "\xff\xfe\x00\x07zebra"
	picture := filepath.Join(dir, "p.jpg")
	if err := os.WriteFile(picture, []byte("\xff\xd8"+comment+b.String()[2:]), 0o600); err != nil {
		t.Fatal(err)
	}
	identity, err := seal.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := seal.WriteIdentity(&file, identity, ""); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "unit.key")
	if err := os.WriteFile(key, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := said(t, "seal", picture, "--to", identity.Recipient().String())
	if code != exitYes || !strings.Contains(stderr, "Taken out: comment.") {
		t.Errorf("code %d: %s", code, stderr)
	}
	code, stdout, stderr := said(t, "open", picture+".age", "--key", key, "--out", "-")
	if code != exitYes || stdout != b.String() {
		t.Errorf("code %d, %d bytes: %s", code, len(stdout), stderr)
	}
	if err := os.WriteFile(picture, []byte("\xff\xd8\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr = said(t, "seal", picture, "--to", identity.Recipient().String(), "--out", picture+"2.age")
	if _, err := os.Stat(picture + "2.age"); code != exitInput || !strings.Contains(stderr, "--as-is") || err == nil {
		t.Errorf("a damaged picture: code %d: %s", code, stderr)
	}
}
