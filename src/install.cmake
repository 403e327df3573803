# What `cmake --install` puts where, and the Debian package that `cpack` makes of it (scripts/package).
include(GNUInstallDirs)

set(place_of_units lib/systemd/system)
set(place_of_data ${CMAKE_INSTALL_DATADIR}/sluice)

# The unit names the place where the binary is installed.
configure_file(${CMAKE_SOURCE_DIR}/scripts/debian/sluice.service.in
               ${CMAKE_BINARY_DIR}/sluice.service @ONLY)
install(TARGETS sluice RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${CMAKE_BINARY_DIR}/sluice.service DESTINATION ${place_of_units})
install(DIRECTORY config/ DESTINATION ${place_of_data}/config)
install(DIRECTORY grafana/alerts grafana/dashboards grafana/provisioning
        DESTINATION ${place_of_data}/grafana)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(FILES scripts/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Made by the command itself, so that they cannot be older than it.
foreach(place IN ITEMS bash-completion/completions/sluice zsh/vendor-completions/_sluice
                       fish/vendor_completions.d/sluice.fish)
  string(REGEX MATCH "^[a-z]+" shell ${place})
  install(CODE "
    set(file \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/${place}\")
    get_filename_component(folder \${file} DIRECTORY)
    file(MAKE_DIRECTORY \${folder})
    execute_process(COMMAND $<TARGET_FILE:sluice> completions ${shell} OUTPUT_FILE \${file}
                    COMMAND_ERROR_IS_FATAL ANY)")
endforeach()

# The package of each Debian has a version of its own, so that one repository can hold them all and an
# upgrade of the system is one of Sluice: 0.1.0-1~deb12 is older than 0.1.0-1~deb13.
cmake_host_system_information(RESULT distribution QUERY DISTRIB_INFO)
string(REPLACE debian deb CPACK_DEBIAN_PACKAGE_RELEASE
               "1~${distribution_ID}${distribution_VERSION_ID}")

# As of SOURCE_DATE_EPOCH, where it is set: the same sources make the same file.
install(CODE "
  set(file \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}/changelog.Debian\")
  string(TIMESTAMP today \"%a, %d %b %Y %H:%M:%S +0000\" UTC)
  file(WRITE \${file} \"sluice (${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * What changed is in CHANGELOG.md, beside this file.

 -- The Sluice developers <sluice@localhost>  \${today}
\")
  execute_process(COMMAND gzip -9nf \${file} COMMAND_ERROR_IS_FATAL ANY)")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sluice)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Sluice developers <sluice@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "stream Kafka topics into HTTP APIs")
set(CPACK_PACKAGE_DESCRIPTION
    "Reads topics as a consumer group, batches, signs and posts records behind a
circuit breaker and a rate budget, and commits an offset only after the API
has taken the record. What the API refuses goes to a dead-letter topic.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/scripts/debian/postinst
                                       ${CMAKE_SOURCE_DIR}/scripts/debian/prerm
                                       ${CMAKE_SOURCE_DIR}/scripts/debian/postrm)
include(CPack)
