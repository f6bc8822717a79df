package postgres

import "syscall"

// killServer ends a server as the kernel does when memory runs out.
func killServer(s *Server) error { return syscall.Kill(s.process.PID(), syscall.SIGKILL) }
