/** Pauses processes; one that has just ended is left out. @returns lets the others go on */
export function pauseProcesses(pids: readonly number[]): () => void {
  const paused = pids.filter((pid) => signalIfAlive(pid, 'SIGSTOP'));
  return () => {
    for (const pid of paused) signalIfAlive(pid, 'SIGCONT');
  };
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
