// Backup codes: what a contact types when the authenticator is lost. Each works once.

package auth

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
)

const (
	// BackupCodes is how many are made at once.
	BackupCodes = 5

	backupCodeSymbols = 16 // of 5 bits each: 80 bits, so a plain SHA-256 can't be searched
	// Crockford's base32: no i, l, o or u, so nothing is mistaken and nothing is spelled.
	backupCodeAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
)

// NewBackupCodes returns five codes to show once ("k7m3-9xqd-2f8t-vw5z"), each of 80 random bits, and the hashes to
// store, in the same order.
func NewBackupCodes(random io.Reader) (codes []string, hashes [][]byte, err error) {
	for range BackupCodes {
		var raw [backupCodeSymbols]byte
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return nil, nil, fmt.Errorf("read randomness: %w", err)
		}
		var code strings.Builder
		for i, b := range raw {
			if i > 0 && i%4 == 0 {
				code.WriteByte('-')
			}
			code.WriteByte(backupCodeAlphabet[b%32]) // 256 is a multiple of 32: no symbol is likelier
		}
		hash, _ := HashBackupCode(code.String())
		codes, hashes = append(codes, code.String()), append(hashes, hash)
	}
	return codes, hashes, nil
}

// HashBackupCode returns the hash to look a typed code up by. Case, spaces and hyphens don't matter, and the letters
// that are easily mistaken are read as the digits they look like. It is false when what was typed can't be a code.
func HashBackupCode(typed string) (hash []byte, ok bool) {
	var code strings.Builder
	for _, r := range strings.ToLower(typed) {
		switch r {
		case ' ', '\t', '\n', '\r', '\u00a0', '-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014':
			continue
		case 'o':
			r = '0'
		case 'i', 'l':
			r = '1'
		}
		if !strings.ContainsRune(backupCodeAlphabet, r) {
			return nil, false
		}
		code.WriteRune(r)
	}
	if code.Len() != backupCodeSymbols {
		return nil, false
	}
	sum := sha256.Sum256([]byte(code.String()))
	return sum[:], true
}
