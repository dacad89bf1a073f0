/* The commands. Each returns the program's exit status. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* A command that a signal ended gives 128 + its number, as shells do. */
enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_SIGNAL = 128 };

/* argv[0] is the name of the command. */
int mount_command(int argc, char **argv);
int explain_command(int argc, char **argv);
int precache_command(int argc, char **argv);
int analyze_command(int argc, char **argv);
int cache_command(int argc, char **argv);
int config_command(int argc, char **argv);
int umount_command(int argc, char **argv);

#endif
